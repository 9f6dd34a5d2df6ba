// What people say about a clip, each word pinned to its moment.
import { api, ask } from "./api.js";
import { html, useState } from "./html.js";
import { Link } from "./router.js";
import { who } from "./session.js";
import { Button, Empty, Face, Sheet, Skeleton, Wrong, toast, useAsked } from "./ui.js";
import { since, t } from "./words.js";

const clock = (seconds) => `0:${String(Math.floor(seconds)).padStart(2, "0")}`;

export function Comments({ video, at, onSeek, onClose }) {
  const params = { path: { video_id: video.id }, query: { limit: 50 } };
  const [list, error, again] = useAsked(() => ask(api.listComments({ params })), [video.id]);
  const [said, say] = useState([]);
  const [text, write] = useState("");
  const [moment] = useState(Math.round(10 * at) / 10);
  const [busy, work] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    work(true);
    try {
      const made = await ask(api.createComment({ params: { path: { video_id: video.id } }, body: { text, at_s: moment } }));
      say([made, ...said]);
      write("");
    } catch (wrong) {
      toast(wrong.message);
    } finally {
      work(false);
    }
  };
  const all = [...said, ...(list?.data ?? [])].filter((one) => !one.deleted);
  const form = html`<form class="say" onSubmit=${send}>
    <${Face} handle=${who()?.handle ?? "?"} size=${36} />
    <input class="input" aria-label=${t("comment.say", { at: clock(moment) })} placeholder=${t("comment.say", { at: clock(moment) })} value=${text} maxlength="500" onInput=${(event) => write(event.target.value)} />
    <${Button} kind="primary" type="submit" busy=${busy} disabled=${!text.trim()}>${t("send")}</${Button}></form>`;
  return html`<${Sheet} title=${t("comments")} onClose=${onClose} actions=${form}>
    ${error ? html`<${Wrong} error=${error} again=${again} />` : !list ? html`<${Skeleton} />` : all.length === 0 ? html`<${Empty} icon="comment" title=${t("comments.none")}><p>${t("comments.first")}</p></${Empty}>` : null}
    ${all.map(
      (one) => html`<div class="comment" key=${one.id}><${Face} handle=${one.author} size=${36} />
        <div class="words"><p><${Link} to=${`/@${one.author}`}><b>${one.display_name}</b></${Link}> <span class="faint">${since(one.created_at)}</span></p>
          <p>${one.at_s === null ? null : html`<button class="moment" type="button" onClick=${() => onSeek(one.at_s)} aria-label=${t("comment.at", { at: clock(one.at_s) })}>${clock(one.at_s)}</button>`} ${one.text}</p></div></div>`,
    )}
  </${Sheet}>`;
}
