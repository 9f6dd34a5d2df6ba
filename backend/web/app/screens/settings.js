// How it looks, how one signs in, and the way out.
import { api, ask } from "../js/api.js";
import { html, useState } from "../js/html.js";
import { Link, go } from "../js/router.js";
import { end, who } from "../js/session.js";
import { Button, toast, useAsked } from "../js/ui.js";
import { since, t } from "../js/words.js";

const THEMES = ["", "dark", "light"];

export default function Settings() {
  const [theme, wear] = useState(document.documentElement.dataset.theme ?? "");
  const [keys, , again] = useAsked(() => ask(api.listPasskeys({})), []);
  const dress = (one) => {
    document.documentElement.dataset.theme = one;
    localStorage.setItem("castmate.theme", one);
    wear(one);
  };
  const addKey = async () => {
    try {
      const asked = await ask(api.beginPasskey({}));
      const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
      await ask(api.addPasskey({ body: { credential: credential.toJSON(), name: navigator.userAgentData?.platform ?? "this device" } }));
      toast(t("passkey.done"));
      again();
    } catch (error) {
      if (error.name !== "NotAllowedError") toast(error.message);
    }
  };
  const leave = async () => {
    await ask(api.signOut({})).catch(() => {});
    end();
    go("/sign-in", { replace: true });
  };
  return html`<div class="page"><header><h1>${t("settings")}</h1></header>
    <section class="card"><h2>${t("theme")}</h2><div class="row wrap" role="group" aria-label=${t("theme")}>${THEMES.map((one) => html`<button type="button" class="chip" aria-pressed=${one === theme} onClick=${() => dress(one)}>${t(`theme.${one || "system"}`)}</button>`)}</div></section>
    <section class="card"><h2>${t("passkeys")}</h2><p class="faint">${t("passkeys.why")}</p>
      <ul class="list">${keys?.data.map((one) => html`<li key=${one.id}><span class="grow"><b>${one.name}</b><br /><span class="faint">${since(one.created_at)}</span></span></li>`)}</ul>
      ${window.PublicKeyCredential?.parseCreationOptionsFromJSON ? html`<${Button} onClick=${addKey}>${t("passkey.add")}</${Button}>` : null}</section>
    <section class="card"><p><b>@${who().handle}</b></p><${Button} kind="bad" onClick=${leave}>${t("signout")}</${Button}></section>
    ${["moderator", "senior", "operator"].includes(who().role) ? html`<p class="faint">${t("staff")}</p>` : null}
    <p><${Link} to="/me">${t("back")}</${Link}></p></div>`;
}
