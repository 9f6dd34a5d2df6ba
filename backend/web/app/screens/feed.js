// Clips, one over the whole screen at a time. The next two are loaded; what is watched is told; keys work as thumbs do.
import { api, ask } from "../js/api.js";
import { Clip } from "../js/clip.js";
import { html, useEffect, useRef, useState } from "../js/html.js";
import { Link } from "../js/router.js";
import { Empty, Skeleton, Wrong } from "../js/ui.js";
import { t } from "../js/words.js";

const MODES = ["for_you", "following", "friends"];
const AHEAD = 2;

export default function Feed() {
  const [mode, choose] = useState(sessionStorage.getItem("castmate.mode") ?? MODES[0]);
  const [items, set] = useState(null);
  const [more, wants] = useState({ after: null, has: true });
  const [error, fail] = useState(null);
  const [at, move] = useState(0);
  const box = useRef();
  const asking = useRef(false);

  const load = async (from) => {
    if (asking.current) return;
    asking.current = true;
    try {
      const page = await ask(api.getFeed({ params: { query: { mode, limit: 8, ...(from ? { after: from } : {}) } } }));
      set((before) => [...(from ? before : []), ...page.data]);
      wants({ after: page.last_id, has: page.has_more });
      fail(null);
    } catch (wrong) {
      fail(wrong);
    } finally {
      asking.current = false;
    }
  };
  useEffect(() => {
    sessionStorage.setItem("castmate.mode", mode);
    set(null);
    move(0);
    load(null);
  }, [mode]);
  useEffect(() => {
    if (items && more.has && at >= items.length - 4) load(more.after);
  }, [at, items]);
  useEffect(() => {
    if (!items?.length) return undefined;
    const watching = new IntersectionObserver(
      (entries) => entries.filter((one) => one.isIntersecting).forEach((one) => move(Number(one.target.dataset.index))),
      { root: box.current, threshold: 0.6 },
    );
    box.current.querySelectorAll("[data-index]").forEach((one) => watching.observe(one));
    return () => watching.disconnect();
  }, [items]);
  useEffect(() => {
    const keys = (event) => {
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      if (!step || document.querySelector("dialog[open]") || /INPUT|TEXTAREA/.test(event.target.tagName)) return;
      event.preventDefault();
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      box.current?.children[at + step]?.scrollIntoView({ behavior: calm ? "auto" : "smooth" });
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [at]);

  const gone = (id) => set((before) => before.filter((one) => one.video.id !== id));
  return html`<h1 class="visually-hidden">${t("tab.feed")}</h1>
    <div class="modes" role="tablist" aria-label=${t("feed.modes")}>
      ${MODES.map((one) => html`<button type="button" role="tab" aria-selected=${mode === one} onClick=${() => choose(one)}>${t(`feed.${one}`)}</button>`)}
    </div>
    <div class="feed" ref=${box}>
      ${items?.map(
        (item, index) => html`<div data-index=${index} key=${item.video.id}>
          <${Clip} item=${item} near=${index >= at - 1 && index <= at + AHEAD} playing=${index === at} onGone=${() => gone(item.video.id)} /></div>`,
      )}
      ${error && !items?.length ? html`<${Wrong} error=${error} again=${() => load(null)} />` : !items && !error ? html`<${Skeleton} tall rows=${2} />` : null}
      ${items?.length === 0
        ? html`<${Empty} title=${t("feed.empty")}><p>${t("feed.empty.why")}</p><${Link} to="/make" class="button primary">${t("feed.empty.do")}</${Link}></${Empty}>`
        : null}
    </div>`;
}
