// One clip, playing: what is said under it, what can be done beside it.
import { api, ask } from "./api.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Comments } from "./comments.js";
import { More } from "./more.js";
import { Link } from "./router.js";
import { Face, IconButton, toast } from "./ui.js";
import { count, t } from "./words.js";

const PREFERRED = "castmate.player";
const preferred = { sound: false, captions: true, ...JSON.parse(localStorage.getItem(PREFERRED) ?? "{}") };
const watchers = new Set();

function prefer(changes) {
  Object.assign(preferred, changes);
  localStorage.setItem(PREFERRED, JSON.stringify(preferred));
  watchers.forEach((seen) => seen({ ...preferred }));
}

function usePreferred() {
  const [now, set] = useState(preferred);
  useEffect(() => {
    watchers.add(set);
    return () => watchers.delete(set);
  }, []);
  return now;
}

/** `item` as the feed has it; `near`: to be loaded; `playing`: on the screen now. */
export function Clip({ item, near, playing, onGone }) {
  const { video, author, media } = item;
  const film = useRef();
  const last = useRef(0);
  const [liked, like] = useState(item.liked);
  const [likes, sum] = useState(item.likes);
  const [paused, pause] = useState(false);
  const [hearts, beat] = useState([]);
  const [at, seek] = useState(0);
  const [open, show] = useState(null);
  const { sound, captions } = usePreferred();

  useEffect(() => {
    const shown = film.current;
    if (!shown) return undefined;
    if (!playing) {
      shown.pause();
      return undefined;
    }
    shown.muted = !sound;
    shown.play().then(() => pause(false), () => pause(true));
    return () => seen(video.id, shown);
  }, [playing, near]);
  useEffect(() => {
    if (film.current) film.current.muted = !sound;
  }, [sound]);
  useEffect(() => {
    const track = film.current?.textTracks[0];
    if (track) track.mode = captions ? "showing" : "hidden";
  }, [captions, near]);

  const setLiked = async (wanted) => {
    like(wanted);
    sum(likes + (wanted ? 1 : -1));
    try {
      const params = { path: { video_id: video.id } };
      sum((await ask(wanted ? api.likeVideo({ params }) : api.unlikeVideo({ params }))).likes);
    } catch (error) {
      like(!wanted);
      sum(likes);
      toast(error.message);
    }
  };
  const tapped = (event) => {
    const now = Date.now();
    if (now - last.current < 320) {
      beat([...hearts, { id: now, x: event.offsetX, y: event.offsetY }]);
      if (!liked) setLiked(true);
      last.current = 0;
      return;
    }
    last.current = now;
    setTimeout(() => {
      if (last.current !== now) return;
      if (film.current.paused) film.current.play().then(() => pause(false), () => {});
      else {
        film.current.pause();
        pause(true);
      }
    }, 330);
  };
  const share = async () => {
    try {
      const { url } = await ask(api.shareVideo({ params: { path: { video_id: video.id } }, body: {} }));
      if (navigator.share) await navigator.share({ url, text: item.caption });
      else {
        await navigator.clipboard.writeText(url);
        toast(t("share.copied"));
      }
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message);
    }
  };
  const keys = (event) => {
    const deed = { l: () => setLiked(!liked), m: () => prefer({ sound: !sound }), c: () => show("comments") }[event.key];
    if (playing && deed && !open && !event.metaKey && !event.ctrlKey && !/INPUT|TEXTAREA/.test(event.target.tagName)) deed();
  };
  useEffect(() => {
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  const wide = media.width > media.height;
  return html`<article class="clip" aria-label=${t("clip.by", { name: author.display_name })}><div class="frame">
    ${near
      ? html`<video ref=${film} class=${wide ? "wide" : ""} src=${media.video} poster=${media.thumbnail} loop playsinline muted
          preload=${playing ? "auto" : "metadata"} onTimeUpdate=${(event) => seek(event.target.currentTime)}>
          ${media.captions ? html`<track kind="captions" src=${media.captions} srclang=${video.screenplay?.language ?? "en"} label=${t("captions")} default=${captions} />` : null}
        </video>`
      : html`<img class="poster" src=${media.thumbnail} alt="" loading="lazy" />`}
    <button class="tap" type="button" aria-label=${paused ? t("play") : t("pause")} onClick=${tapped}></button>
    ${hearts.map((one) => html`<span class="heart" key=${one.id} style=${`left:${one.x - 44}px;top:${one.y - 44}px`}><${Icon} name="heart" filled size=${88} /></span>`)}
    ${playing && paused ? html`<span class="paused"><${Icon} name="play" filled size=${40} /></span>` : null}
    <div class="shade"></div>
    <div class="said">
      <${Link} to=${`/@${author.handle}`} class="row"><${Face} handle=${author.handle} size=${36} />${author.display_name}</${Link}>
      ${item.caption ? html`<p>${item.caption}</p>` : null}
      <p class="faint">${video.credits?.line ?? t("clip.by", { name: `@${author.handle}` })}</p>
    </div>
    <div class="deeds">
      <${IconButton} icon="heart" filled=${liked} class=${liked ? "icon-button liked" : "icon-button"} label=${t(liked ? "unlike" : "like")} aria-pressed=${liked} size=${30} onClick=${() => setLiked(!liked)}>${count(likes)}</${IconButton}>
      <${IconButton} icon="comment" label=${t("comments")} size=${29} onClick=${() => show("comments")}>${count(item.comments)}</${IconButton}>
      ${video.allow_remix ? html`<${Link} to=${`/make?remix=${video.id}`} class="icon-button" aria-label=${t("remix")}><${Icon} name="remix" size=${29} />${count(item.remixes)}</${Link}>` : null}
      <${IconButton} icon="share" label=${t("share")} size=${28} onClick=${share} />
      <${IconButton} icon=${sound ? "sound" : "mute"} label=${t(sound ? "sound.off" : "sound.on")} aria-pressed=${sound} onClick=${() => prefer({ sound: !sound })} />
      <${IconButton} icon="captions" label=${t(captions ? "captions.off" : "captions.on")} aria-pressed=${captions} onClick=${() => prefer({ captions: !captions })} />
      <${IconButton} icon="more" label=${t("more")} size=${28} onClick=${() => show("more")} />
    </div>
    <input type="range" min="0" max=${media.duration_s} step="0.05" value=${at} aria-label=${t("seek")} style=${`--at:${(100 * at) / media.duration_s}%`}
      onInput=${(event) => (film.current.currentTime = Number(event.target.value))} />
  </div>
  ${open === "comments" ? html`<${Comments} video=${video} at=${at} onSeek=${(moment) => (film.current.currentTime = moment)} onClose=${() => show(null)} />` : null}
  ${open === "more" ? html`<${More} item=${item} at=${at} onGone=${onGone} onClose=${() => show(null)} />` : null}
  </article>`;
}

/** How long it was looked at, once it is left. */
function seen(id, film) {
  const rounds = [...Array(film.played.length).keys()].reduce((sum, index) => sum + film.played.end(index) - film.played.start(index), 0);
  if (rounds < 0.5) return;
  const watched = Math.round(10 * rounds) / 10;
  const view = { video_id: id, watched_s: watched, completed: rounds > film.duration - 0.5 };
  ask(api.recordViews({ body: { views: [view] } })).catch(() => {}); // of one's own clips none count
}
