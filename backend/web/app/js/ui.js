// What screens are made of: buttons, fields, sheets from below, toasts, skeletons, faces.
import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { t } from "./words.js";

export function Button({ kind = "plain", busy = false, children, ...rest }) {
  return html`<button class=${`button ${kind}`} type="button" ...${rest} disabled=${busy || rest.disabled} aria-busy=${busy}>
    ${busy ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>` : null}<span class=${busy ? "unseen" : ""}>${children}</span>
  </button>`;
}

/** A button that is only a picture; `label` is what it is called. */
export function IconButton({ icon, label, filled = false, size = 24, children, ...rest }) {
  return html`<button class="icon-button" type="button" aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} filled=${filled} size=${size} />${children}</button>`;
}

export function Field({ label, hint, error, id, area = false, ...rest }) {
  const told = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  const props = { id, class: "input", "aria-describedby": told, "aria-invalid": Boolean(error), ...rest };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${area ? html`<textarea ...${props}></textarea>` : html`<input ...${props} />`}
    ${error ? html`<p class="error" id=${`${id}-error`}>${error}</p>` : hint ? html`<p class="hint" id=${`${id}-hint`}>${hint}</p>` : null}
  </div>`;
}

/** From below on a phone, in the middle on a desktop. Esc, the cross and the dark around it close it. */
export function Sheet({ title, onClose, children, actions }) {
  const box = useRef();
  useLayoutEffect(() => {
    box.current.showModal();
  }, []);
  const outside = (event) => event.target === box.current && onClose();
  return html`<dialog class="sheet" ref=${box} aria-label=${title} onClose=${onClose} onClick=${outside}>
    <header><h2>${title}</h2><${IconButton} icon="close" label=${t("close")} onClick=${onClose} /></header>
    <div class="sheet-body">${children}</div>
    ${actions ? html`<footer>${actions}</footer>` : null}
  </dialog>`;
}

const shown = new Set();
let number = 0;

/** A word in passing; `undo` is a function that takes it back. */
export function toast(text, undo) {
  number += 1;
  const one = { id: number, text, undo };
  shown.forEach((show) => show(one));
}

export function Toasts() {
  const [one, set] = useState(null);
  useEffect(() => {
    shown.add(set);
    return () => shown.delete(set);
  }, []);
  useEffect(() => {
    if (!one) return undefined;
    const timer = setTimeout(() => set(null), one.undo ? 7000 : 4000);
    return () => clearTimeout(timer);
  }, [one]);
  const takeBack = () => {
    one.undo();
    set(null);
  };
  return html`<div class="toasts" role="status" aria-live="polite">
    ${one ? html`<div class="toast" key=${one.id}><span>${one.text}</span>${one.undo ? html`<button type="button" onClick=${takeBack}>${t("undo")}</button>` : null}</div>` : null}
  </div>`;
}

const HUES = ["#ff7a59", "#c94fd8", "#4f8cff", "#18b394", "#e0a526", "#e5527a"];

/** A face, or the first letter on a colour that stays theirs. */
export function Face({ handle, picture, size = 40 }) {
  const hue = HUES[[...handle].reduce((sum, one) => sum + one.charCodeAt(0), 0) % HUES.length];
  const style = `width:${size}px;height:${size}px;font-size:${Math.round(size * 0.42)}px;background:${hue}`;
  return picture
    ? html`<img class="face" style=${`width:${size}px;height:${size}px`} src=${picture} alt="" loading="lazy" />`
    : html`<span class="face" style=${style} aria-hidden="true">${handle[0].toUpperCase()}</span>`;
}

export function Empty({ icon = "spark", title, children }) {
  return html`<div class="empty"><span class="empty-icon"><${Icon} name=${icon} size=${32} /></span><h2>${title}</h2>${children}</div>`;
}

/** Grey shapes where something will be; read as one word. */
export function Skeleton({ rows = 3, tall = false }) {
  return html`<div class=${tall ? "skeleton tall" : "skeleton"} role="status" aria-label=${t("loading")}>
    ${Array.from({ length: rows }, () => html`<i></i>`)}</div>`;
}

/** What went wrong, and the way to try again. */
export function Wrong({ error, again }) {
  return html`<${Empty} icon="flag" title=${t("wrong.title")}><p>${error.message}</p>
    ${again ? html`<${Button} onClick=${again}>${t("again")}</${Button}>` : null}</${Empty}>`;
}

/** `[data, error, again]` of a promise, asked for anew when `keys` change. */
export function useAsked(promised, keys) {
  const [state, set] = useState([null, null]);
  const asked = useCallback(() => {
    let wanted = true;
    set([null, null]);
    promised().then(
      (data) => wanted && set([data, null]),
      (error) => wanted && set([null, error]),
    );
    return () => (wanted = false);
  }, keys);
  useEffect(asked, [asked]);
  return [...state, asked];
}
