// One clip by its address, and the family it belongs to.
import { api, ask } from "../js/api.js";
import { Clip } from "../js/clip.js";
import { html } from "../js/html.js";
import { Link, go } from "../js/router.js";
import { Skeleton, Wrong, useAsked } from "../js/ui.js";
import { since, t } from "../js/words.js";

export default function OneClip({ video }) {
  const params = { path: { video_id: video } };
  const [found, error, again] = useAsked(async () => {
    const [clip, family] = await Promise.all([ask(api.getVideo({ params })), ask(api.getLineage({ params })).catch(() => null)]);
    if (clip.status !== "completed") go(`/making/${video}`, { replace: true });
    return { clip, family };
  }, [video]);
  if (error) return html`<${Wrong} error=${error} again=${again} />`;
  if (!found) return html`<${Skeleton} tall />`;
  const { clip, family } = found;
  const maker = { handle: clip.credits.maker, display_name: clip.credits.maker };
  const item = { video: clip, author: maker, caption: clip.caption, media: clip.media, likes: 0, comments: 0, remixes: 0, liked: false };
  const nodes = family?.nodes.filter((one) => !one.removed) ?? [];
  return html`<${Clip} item=${item} near playing />
    ${nodes.length > 1
      ? html`<section class="page"><h2>${t("family")}</h2><ul class="list">${nodes.map(
          (one) => html`<li style=${`padding-inline-start:${16 * Math.min(6, one.depth)}px`}><${Link} to=${`/clip/${one.id}`} aria-current=${one.id === video ? "true" : undefined}>@${one.maker}</${Link} > <span class="faint">${one.published_at ? since(one.published_at) : ""}</span></li>`,
        )}</ul></section>`
      : null}`;
}
