// The official JavaScript SDK against a running server: `node videos.mjs BASE_URL API_KEY VIDEO_ID FOLDER`.
// VIDEO_ID is a finished clip of the key's owner; FOLDER holds bear.mp4. Prints one JSON object when all is well.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import OpenAI from "openai";

const [baseURL, apiKey, finished, folder] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey });

const clip = await client.videos.retrieve(finished);
assert.equal(clip.status, "completed");
assert.deepEqual([clip.object, clip.progress, clip.error], ["video", 100, null]);

const starts = { video: [0, 0, 0], thumbnail: [...Buffer.from("RIFF")], spritesheet: [0xff, 0xd8] };
for (const [variant, start] of Object.entries(starts)) {
  const content = Buffer.from(await (await client.videos.downloadContent(finished, { variant })).arrayBuffer());
  assert.deepEqual([...content.subarray(0, start.length)], start);
  if (variant === "video") await writeFile(join(folder, "finished.mp4"), content);
}

const made = await client.videos.create({ prompt: "a cat plays the piano", model: "sora-2", seconds: "4", size: "720x1280" });
assert.equal(made.model, "sora-2");
const remix = await client.videos.remix(finished, { prompt: "@eileen laughs" });
const edit = await client.videos.edit({ prompt: "make it night", video: { id: finished } });
const again = await client.videos.edit({ prompt: "warmer", video: createReadStream(join(folder, "finished.mp4")) });
const longer = await client.videos.extend({ prompt: "she waves again", seconds: "8", video: { id: finished } });
assert.deepEqual([remix, edit, again, longer].map((one) => one.remixed_from_video_id), Array(4).fill(finished));
assert.equal(longer.seconds, String(Number(clip.seconds) + 8));
const mine = [made, remix, edit, again, longer].map((one) => one.id);

const listed = [];
for await (const one of client.videos.list({ limit: 2 })) listed.push(one.id);
for (const id of [finished, ...mine]) assert.ok(listed.includes(id), `${id} is in no page`);
assert.equal(new Set(listed).size, listed.length);
const oldest = await client.videos.list({ order: "asc", limit: 1 });
assert.equal(oldest.data[0].id, listed.at(-1));

let requests = 0;
const toServer = (url) => String(url).startsWith(baseURL); // the SDK tries what fetch can do on a data: URL
const counted = (url, init) => ((requests += toServer(url)), fetch(url, init));
const strict = new OpenAI({ baseURL, apiKey, fetch: counted });
const refusals = [
  [() => strict.videos.retrieve("video_00000000000000000000000000000000"), OpenAI.NotFoundError, 404, "clip_unknown", null],
  [() => strict.videos.create({ prompt: "x", seconds: "7" }), OpenAI.BadRequestError, 400, "invalid_value", "seconds"],
  [() => strict.videos.edit({ prompt: "make it funnier", video: { id: finished } }), OpenAI.BadRequestError, 400, "edit_refused", "prompt"],
  [() => strict.videos.downloadContent(made.id), OpenAI.ConflictError, 409, "clip_not_ready", null],
  [() => strict.videos.extend({ prompt: "x", seconds: "4", video: { id: made.id } }), OpenAI.ConflictError, 409, "clip_not_ready", null],
  [() => new OpenAI({ baseURL, apiKey: "cm_nobody", fetch: counted }).videos.list(), OpenAI.AuthenticationError, 401, "unauthenticated", null],
];
for (const [call, kind, status, code, param] of refusals) {
  requests = 0;
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof kind, `${error}`);
    assert.deepEqual([error.status, error.code, error.param, requests], [status, code, param, 1], `${error}`);
    return true;
  });
}

// The answer to the first request gets lost on its way; the SDK asks again without an idempotency key.
const tries = [];
const lossy = async (url, init) => {
  if (!toServer(url)) return fetch(url, init);
  const answer = await fetch(url, init);
  tries.push((await answer.json()).id);
  if (tries.length === 1) throw new TypeError("the connection broke");
  return new Response(JSON.stringify({ id: tries.at(-1) }), { headers: { "content-type": "application/json" } });
};
const repeated = await new OpenAI({ baseURL, apiKey, fetch: lossy }).videos.create({ prompt: "a dog naps", seconds: "4", size: "720x1280" });
assert.deepEqual(tries, [repeated.id, repeated.id]);

for (const id of [...mine, repeated.id]) {
  assert.deepEqual(await client.videos.delete(id), { id, deleted: true, object: "video.deleted" });
}

const bear = await client.videos.createCharacter({ name: "Bruno", video: createReadStream(join(folder, "bear.mp4")) });
const found = await client.videos.getCharacter(bear.id);
assert.deepEqual([found.id, found.name, typeof found.created_at], [bear.id, "Bruno", "number"]);
console.log(JSON.stringify({ character: bear.id }));
