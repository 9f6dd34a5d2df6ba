// A clip while it is made, stage by stage; then a look at it, and out to people.
import { api, ask, events } from "../js/api.js";
import { html, useEffect, useState } from "../js/html.js";
import { Link, go } from "../js/router.js";
import { token } from "../js/session.js";
import { Button, Skeleton, Wrong, toast } from "../js/ui.js";
import { t, tOr } from "../js/words.js";

const AUDIENCES = ["only_me", "friends", "everyone"];

export default function Making({ video }) {
  const [clip, know] = useState(null);
  const [now, tell] = useState(null);
  const [first, show] = useState(null);
  const [error, fail] = useState(null);
  const params = { path: { video_id: video } };
  const look = () => ask(api.getVideo({ params })).then(know, fail);
  useEffect(() => {
    const stop = new AbortController();
    let held = null;
    const preview = async (url) => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${await token()}` }, signal: stop.signal });
      if (!answer.ok) return;
      held = URL.createObjectURL(await answer.blob());
      show(held);
    };
    const follow = async () => {
      const one = await ask(api.getVideo({ params }));
      know(one);
      if (one.status === "completed" || one.status === "failed") return;
      for await (const event of events(`/v1/videos/${video}/events`, stop.signal)) {
        if (event.event === "preview") preview(event.data.url).catch(() => {});
        else if (event.data.status) tell(event.data);
      }
      await look();
    };
    follow().catch((wrong) => stop.signal.aborted || fail(wrong));
    return () => {
      stop.abort();
      if (held) URL.revokeObjectURL(held);
    };
  }, [video]);
  const cancel = () => ask(api.cancelVideo({ params })).then(know, (wrong) => toast(wrong.message));
  if (error) return html`<${Wrong} error=${error} />`;
  if (!clip) return html`<${Skeleton} tall />`;
  if (clip.status === "completed") return html`<${Made} clip=${clip} />`;
  if (clip.status === "failed")
    return html`<div class="page"><header><h1>${t("failed.title")}</h1></header><p class="lead" role="alert">${tOr(`error.${clip.error.code}`, clip.error.message)}</p><p class="faint">${t("failed.refunded")}</p>
      <${Link} class="button primary" to="/make">${t("failed.again")}</${Link}></div>`;
  const progress = now?.progress ?? clip.progress;
  const stage = now?.stage ?? clip.stage;
  const shots = clip.screenplay?.shots.length ?? 0;
  return html`<div class="page">
    <header><h1>${t("making.title")}</h1></header>
    <div class="stage">${first ? html`<video src=${first} autoplay loop muted playsinline aria-label=${t("making.first")}></video>` : html`<div class="skeleton tall"><i></i></div>`}</div>
    <div><p class="row spread"><b aria-live="polite">${tOr(`stage.${stage}`, stage)}${stage === "render" && now?.shot ? ` · ${t("making.shot", { n: now.shot, of: shots })}` : ""}</b><span class="faint">${progress} %</span></p>
      <div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${progress} aria-label=${t("making.title")}><i style=${`width:${progress}%`}></i></div></div>
    <p class="faint">${clip.prompt}</p>
    <${Button} kind="quiet" onClick=${cancel}>${t("making.cancel")}</${Button}>
  </div>`;
}

function Made({ clip }) {
  const [audience, choose] = useState(clip.audience === "only_me" ? "friends" : clip.audience);
  const [caption, write] = useState(clip.caption);
  const [busy, work] = useState(false);
  const [error, fail] = useState(null);
  const publish = async () => {
    work(true);
    try {
      const done = await ask(api.updateVideo({ params: { path: { video_id: clip.id } }, body: { audience, caption } }));
      toast(t(done.publication?.state === "waiting" ? "publish.waits" : "publish.done"));
      go(audience === "only_me" ? "/me" : "/", { replace: true });
    } catch (wrong) {
      fail(wrong);
      work(false);
    }
  };
  return html`<div class="page">
    <header><h1>${t("made.title")}</h1></header>
    <div class="stage"><video src=${clip.media.video} poster=${clip.media.thumbnail} controls autoplay loop playsinline>${clip.media.captions ? html`<track kind="captions" src=${clip.media.captions} default />` : null}</video></div>
    <div class="field"><label for="caption">${t("publish.caption")}</label><input id="caption" class="input" maxlength="300" value=${caption} onInput=${(event) => write(event.target.value)} /></div>
    <div class="row wrap" role="group" aria-label=${t("publish.who")}>${AUDIENCES.map((one) => html`<button type="button" class="chip" aria-pressed=${one === audience} onClick=${() => choose(one)}>${t(`audience.${one}`)}</button>`)}</div>
    ${error ? html`<p class="error" role="alert">${error.message}</p>` : null}
    <${Button} kind="primary wide" busy=${busy} onClick=${publish}>${t(audience === "only_me" ? "publish.keep" : "publish.do")}</${Button}>
    <p class="faint">${t("ai.label")}</p>
  </div>`;
}
