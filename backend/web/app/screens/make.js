// One box: type a line. Who may be cast shows while it is typed; the shots can be read and changed before anything is spent.
import { api, ask } from "../js/api.js";
import { html, useEffect, useRef, useState } from "../js/html.js";
import { Icon } from "../js/icons.js";
import { go } from "../js/router.js";
import { Button, Face, toast, useAsked } from "../js/ui.js";
import { t } from "../js/words.js";

const DRAFT = "castmate.draft";
const SECONDS = ["4", "8", "10", "12"];
const SIZES = { tall: "720x1280", wide: "1280x720" };
const TYPED = /(?:^|\s)@([a-z0-9._]*)$/i;
const remixed = () => new URLSearchParams(location.search).get("remix");

export default function Make() {
  const [prompt, write] = useState(sessionStorage.getItem(DRAFT) ?? "");
  const [seconds, last] = useState("10");
  const [shape, turn] = useState("tall");
  const [play, plan] = useState(null);
  const [error, fail] = useState(null);
  const [busy, work] = useState(null);
  const [quota] = useAsked(() => ask(api.getQuota({})), []);
  const box = useRef();
  const source = remixed();
  useEffect(() => sessionStorage.setItem(DRAFT, prompt), [prompt]);

  const typed = TYPED.exec(prompt.slice(0, box.current?.selectionStart ?? prompt.length));
  const pick = (handle) => {
    const end = box.current.selectionStart;
    const begin = end - typed[1].length;
    write(`${prompt.slice(0, begin)}${handle} ${prompt.slice(end)}`);
    box.current.focus();
  };
  const trying = (how, what) => async () => {
    work(how);
    fail(null);
    try {
      await what();
    } catch (wrong) {
      fail(wrong);
    } finally {
      work(null);
    }
  };
  const preview = trying("plan", async () => plan((await ask(api.writeScreenplay({ body: { prompt, seconds } }))).screenplay));
  const make = trying("make", async () => {
    const order = { prompt, seconds, size: SIZES[shape], ...(play ? { screenplay: play } : {}) };
    const made = source
      ? await ask(api.remixVideo({ params: { path: { video_id: source } }, body: { prompt } }))
      : await ask(api.createVideo({ body: order }));
    sessionStorage.removeItem(DRAFT);
    go(`/making/${made.id}`);
  });
  const say = (shot, line, text) => {
    const shots = play.shots.map((one, number) =>
      number === shot ? { ...one, lines: one.lines.map((said, index) => (index === line ? { ...said, text } : said)) } : one,
    );
    plan({ ...play, shots });
  };
  return html`<div class="page">
    <header><h1>${t(source ? "remix.title" : "make.title")}</h1>${quota ? html`<span class="faint">${t("make.left", { n: quota.remaining })}</span>` : null}</header>
    <div class="field">
      <label class="visually-hidden" for="prompt">${t("make.prompt")}</label>
      <textarea id="prompt" class="input" ref=${box} value=${prompt} maxlength="2000" placeholder=${t(source ? "remix.example" : "make.example")} aria-invalid=${Boolean(error)} aria-describedby="make-error"
        onInput=${(event) => { write(event.target.value); plan(null); }}></textarea>
      <p class="error" id="make-error" role="alert">${error?.message ?? ""}</p>
    </div>
    ${typed ? html`<${Mentions} start=${typed[1]} onPick=${pick} />` : null}
    ${prompt.includes("@") ? html`<${Allowed} prompt=${prompt} writing=${typed?.[1]} />` : null}
    ${source ? null : html`<div class="row wrap spread">
      <div class="row" role="group" aria-label=${t("make.length")}>${SECONDS.map((one) => html`<button type="button" class="chip" aria-pressed=${one === seconds} onClick=${() => { last(one); plan(null); }}>${one} s</button>`)}</div>
      <div class="row" role="group" aria-label=${t("make.shape")}>${Object.keys(SIZES).map((one) => html`<button type="button" class="chip" aria-pressed=${one === shape} onClick=${() => turn(one)}>${t(`make.${one}`)}</button>`)}</div>
    </div>`}
    ${play ? html`<${Shots} play=${play} onSay=${say} />` : null}
    <div class="row wrap">
      <${Button} kind="primary" busy=${busy === "make"} disabled=${!prompt.trim() || quota?.remaining === 0} onClick=${make}><span class="row"><${Icon} name="spark" size=${20} />${t("make.do")}</span></${Button}>
      ${source || play ? null : html`<${Button} busy=${busy === "plan"} disabled=${!prompt.trim()} onClick=${preview}>${t("make.shots")}</${Button}>`}
    </div>
    <p class="faint">${t("ai.make")}</p>
  </div>`;
}

function Mentions({ start, onPick }) {
  const [mine] = useAsked(() => ask(api.listCharacters({ params: { query: { limit: 20 } } })), []);
  const [found] = useAsked(async () => (start ? ask(api.search({ params: { query: { q: start, type: "characters", limit: 6 } } })) : null), [start]);
  const fits = (one) => one.state === "ready" && one.handle.startsWith(start.toLowerCase());
  const all = [...(mine?.data ?? []).filter(fits), ...(found?.characters?.data ?? [])];
  const shown = [...new Map(all.map((one) => [one.handle, one])).values()].slice(0, 6);
  if (!shown.length) return null;
  return html`<div class="mentions" role="listbox" aria-label=${t("make.cast")}>
    ${shown.map((one) => html`<button type="button" role="option" aria-selected="false" key=${one.handle} onClick=${() => onPick(one.handle)}><${Face} handle=${one.handle} size=${34} /><span><b>${one.name}</b> <span class="faint">@${one.handle}</span></span></button>`)}
  </div>`;
}

/** Whether each of those who are named may be cast with these words. */
function Allowed({ prompt, writing }) {
  const [told, tell] = useState([]);
  useEffect(() => {
    const timer = setTimeout(async () => {
      const named = [...new Set([...prompt.matchAll(/(?:^|[^\w@])@([a-z0-9][\w.]*\w)/gi)].map((one) => one[1].toLowerCase()))].filter((one) => one !== writing?.toLowerCase());
      const asked = named.slice(0, 4).map(async (handle) => {
        try {
          const { allowed, reason } = await ask(api.getPermission({ params: { path: { reference: `@${handle}` }, query: { prompt } } }));
          return { handle, allowed, reason };
        } catch (error) {
          return { handle, allowed: false, reason: error.message };
        }
      });
      tell(await Promise.all(asked));
    }, 350);
    return () => clearTimeout(timer);
  }, [prompt, writing]);
  return html`<ul class="list" aria-live="polite">${told.map(
    (one) => html`<li key=${one.handle}><${Icon} name=${one.allowed ? "check" : "close"} size=${20} /><span class="grow"><b>@${one.handle}</b> <span class=${one.allowed ? "faint" : "error"}>${one.allowed ? t("make.allowed") : one.reason}</span></span></li>`,
  )}</ul>`;
}

function Shots({ play, onSay }) {
  const names = Object.fromEntries((play.cast ?? []).map((one) => [one.speaker, one.name]));
  return html`<section aria-label=${t("make.shots")}><h2>${play.title}</h2><p class="faint">${play.setting}</p>
    <ol class="shots">${play.shots.map(
      (shot, number) => html`<li class="shot" key=${number}>
        <p class="top"><b>${number + 1}</b> ${t("shot.times", { from: shot.start_s.toFixed(1), to: shot.end_s.toFixed(1) })} · ${shot.framing.replaceAll("_", " ")}</p>
        ${shot.action ? html`<p>${shot.action}</p>` : null}
        ${shot.lines?.map((line, index) => html`<input class="input" key=${index} aria-label=${t("shot.line", { name: names[line.speaker] ?? line.speaker })} value=${line.text} onChange=${(event) => onSay(number, index, event.target.value)} />`)}
      </li>`,
    )}</ol></section>`;
}
