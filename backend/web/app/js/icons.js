// Small line drawings on a grid of 24; they take the colour of the words around them.
import { html } from "./html.js";

const PATHS = {
  home: "M4 11.2 12 4l8 7.2V20h-5.2v-5.6H9.2V20H4z",
  search: "M10.8 4.2a6.6 6.6 0 1 0 0 13.2 6.6 6.6 0 0 0 0-13.2zM15.6 15.6 20 20",
  plus: "M12 5v14M5 12h14",
  inbox: "M4 13.5 6.4 5h11.2L20 13.5V19H4zM4 13.5h4.6l1.2 2.4h4.4l1.2-2.4H20",
  person: "M12 4.2a3.9 3.9 0 1 0 0 7.8 3.9 3.9 0 0 0 0-7.8zM4.6 20c.6-3.8 3.6-6 7.4-6s6.8 2.2 7.4 6",
  heart: "M12 19.6C6.4 15.8 4 12.8 4 9.6 4 7 6 5 8.4 5c1.5 0 2.8.8 3.6 2 .8-1.2 2.1-2 3.6-2C18 5 20 7 20 9.6c0 3.2-2.4 6.2-8 10z",
  comment: "M4 5.5h16v10.6h-9L6.4 20v-3.9H4z",
  remix: "M4 8h10.5L12 5.4M20 16H9.5l2.5 2.6M4 8v4M20 16v-4",
  share: "M12 14.5V4.4M8.4 7.8 12 4.2l3.6 3.6M5 12.5V20h14v-7.5",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  sound: "M4.5 9.5v5h3l4.5 4v-13l-4.5 4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.6a7.6 7.6 0 0 1 0 10.8",
  mute: "M4.5 9.5v5h3l4.5 4v-13l-4.5 4zM16 9.5l5 5M21 9.5l-5 5",
  captions: "M4 6h16v12H4zM7 11.5h4M13 11.5h4M7 14.5h6.5M16 14.5h1",
  back: "M14.5 5.5 8 12l6.5 6.5",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19.5 7",
  gear: "M12 8.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8zM12 3.6v2.2M12 18.2v2.2M4.7 7.8l1.9 1.1M17.4 15.1l1.9 1.1M4.7 16.2l1.9-1.1M17.4 8.9l1.9-1.1",
  spark: "M12 4l1.9 6.1L20 12l-6.1 1.9L12 20l-1.9-6.1L4 12l6.1-1.9z",
  flag: "M6 20V4.5h11l-2.2 3.8L17 12H6",
  less: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM8 12h8",
  play: "M8 5.4v13.2L19 12z",
};

export function Icon({ name, filled = false, size = 24 }) {
  return html`<svg class="icon" viewBox="0 0 24 24" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} fill=${filled ? "currentColor" : "none"} stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round" /></svg>`;
}
