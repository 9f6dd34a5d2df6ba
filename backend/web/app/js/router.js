// Which screen is shown: paths below /app, screens loaded when they are first wanted.
import { html, useEffect, useState } from "./html.js";

const ROOT = "/app";
const SCREENS = [
  ["/", () => import("../screens/feed.js")],
  ["/search", () => import("../screens/search.js")],
  ["/make", () => import("../screens/make.js")],
  ["/inbox", () => import("../screens/inbox.js")],
  ["/me", () => import("../screens/profile.js")],
  ["/settings", () => import("../screens/settings.js")],
  ["/clip/:video", () => import("../screens/clip.js")],
  ["/making/:video", () => import("../screens/making.js")],
  ["/sign-in", () => import("../screens/sign-in.js"), "open"],
  ["/join/:code", () => import("../screens/join.js"), "open"],
  ["/join", () => import("../screens/join.js"), "open"],
  ["/@:handle", () => import("../screens/profile.js")],
];
const watchers = new Set();

export const path = () => location.pathname.slice(ROOT.length) || "/";

export function go(to, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", ROOT + to);
  watchers.forEach((seen) => seen(path()));
}

addEventListener("popstate", () => watchers.forEach((seen) => seen(path())));

/** The path, and again whenever it changes. */
export function usePath() {
  const [now, set] = useState(path());
  useEffect(() => {
    watchers.add(set);
    return () => watchers.delete(set);
  }, []);
  return now;
}

/** `{ load, params, open }` of a path; undefined where there is no such screen. `open`: for who is not signed in. */
export function match(at) {
  for (const [pattern, load, open] of SCREENS) {
    const names = [];
    const shape = pattern.replace(/:(\w+)/g, (_, name) => (names.push(name), "([^/]+)"));
    const found = new RegExp(`^${shape}/?$`).exec(at);
    if (found) {
      const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1])]));
      return { load, params, open: open === "open", pattern };
    }
  }
  return undefined;
}

/** A link within the app; a real one, so that it opens in another tab too. */
export function Link({ to, children, ...rest }) {
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${ROOT + to} onClick=${follow} ...${rest}>${children}</a>`;
}
