// The shell: tabs around a screen, and who may see it.
import { html, render, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Link, go, match, path, usePath } from "./router.js";
import * as session from "./session.js";
import { Button, Empty, Skeleton, Toasts } from "./ui.js";
import { language, t } from "./words.js";

const TABS = [
  ["/", "home", "tab.feed"],
  ["/search", "search", "tab.search"],
  ["/make", "plus", "tab.make"],
  ["/inbox", "inbox", "tab.inbox"],
  ["/me", "person", "tab.me"],
];

function Tabs({ at }) {
  return html`<nav class="tabs" aria-label=${t("tabs")}>
    <span class="wordmark" aria-hidden="true">castmate</span>
    ${TABS.map(
      ([to, icon, key]) => html`<${Link} to=${to} class=${to === "/make" ? "tab make" : "tab"} aria-current=${at === to ? "page" : undefined}>
        <${Icon} name=${icon} filled=${at === to && to !== "/make" && to !== "/search"} size=${26} /><span>${t(key)}</span></${Link}>`,
    )}
  </nav>`;
}

function Screen({ found }) {
  const [loaded, set] = useState(null);
  const main = useRef();
  useEffect(() => {
    let wanted = true;
    set(null);
    found.load().then(
      (module) => wanted && set({ Shown: module.default, found }),
      () => wanted && set({ failed: true }),
    );
    main.current?.focus({ preventScroll: true });
    return () => (wanted = false);
  }, [found.pattern, JSON.stringify(found.params)]);
  return html`<main id="screen" tabindex="-1" ref=${main}>
    ${loaded?.failed
      ? html`<${Empty} icon="flag" title=${t("wrong.title")}><p>${t("error.offline")}</p><${Button} onClick=${() => location.reload()}>${t("again")}</${Button}></${Empty}>`
      : loaded
        ? html`<${loaded.Shown} key=${JSON.stringify(found.params) + found.pattern} ...${found.params} />`
        : html`<${Skeleton} tall />`}
  </main>`;
}

function App() {
  const at = usePath();
  const [account, set] = useState(session.who());
  useEffect(() => session.watch(set), []);
  const found = match(at);
  const shut = found && !found.open && !account;
  useEffect(() => {
    if (shut) go(`/sign-in?then=${encodeURIComponent(at)}`, { replace: true });
  }, [shut, at]);
  useEffect(() => {
    document.title = found ? t("title") : t("lost.title");
  }, [at]);
  if (shut) return null;
  const missing = html`<main id="screen"><${Empty} icon="search" title=${t("lost.title")}><${Link} to="/" class="button primary">${t("lost.home")}</${Link}></${Empty}></main>`;
  return html`<a class="skip" href="#screen">${t("skip")}</a>
    <div class=${account && !found?.open ? "shell" : "shell bare"}>
      ${account && !found?.open ? html`<${Tabs} at=${at} />` : null}
      ${found ? html`<${Screen} found=${found} />` : missing}
    </div>
    <${Toasts} />`;
}

document.documentElement.lang = language;
document.documentElement.dataset.theme = localStorage.getItem("castmate.theme") ?? "";
document.querySelector("#app").replaceChildren();
render(html`<${App} />`, document.querySelector("#app"));
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/app/sw.js", { scope: "/app/" }).catch(() => {});
