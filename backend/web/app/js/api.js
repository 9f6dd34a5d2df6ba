// The contract's client, patient: reads are tried again over bad networks, and what changes something carries a key, so that
// trying again does it once. `await ask(api.getFeed({ params }))` gives the data or throws a Refusal.
import { createCastmate, form } from "../api/client.js";
import { end, token } from "./session.js";
import { t, tOr } from "./words.js";

const PAUSES_MS = [400, 1200, 3000];
const AWAY = new Set([502, 503, 504]);
export { form };

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function patient(request) {
  const safe = request.method === "GET" || request.method === "HEAD";
  if (request.method === "POST" && !request.headers.has("idempotency-key")) {
    request.headers.set("idempotency-key", crypto.randomUUID());
  }
  const again = safe || request.headers.has("idempotency-key") || request.method === "PUT" || request.method === "DELETE";
  for (const wait of [...PAUSES_MS, null]) {
    try {
      const answer = await fetch(request.clone());
      const over = wait === null || !AWAY.has(answer.status) || answer.headers.get("x-should-retry") === "false";
      if (over) return answer;
    } catch (error) {
      if (!again || wait === null || request.signal.aborted) throw error;
    }
    await pause(wait);
  }
}

export const api = createCastmate({ baseUrl: location.origin, token, fetch: patient });

/** What the server would not do. `code` is the contract's; `message` is for people. */
export class Refusal extends Error {
  constructor(status, problem) {
    const told = problem?.error ?? {};
    super(tOr(`error.${told.code}`, told.message || t("error.unknown")));
    Object.assign(this, { status, code: told.code ?? "unknown", param: told.param ?? null, problem });
  }
}

export async function ask(promise) {
  let answered;
  try {
    answered = await promise;
  } catch (error) {
    if (error instanceof Refusal || error.name === "AbortError") throw error;
    throw new Refusal(0, { error: { code: "offline", message: t("error.offline") } });
  }
  const { data, error, response } = answered;
  if (response.ok) return data;
  if (response.status === 401) end();
  throw new Refusal(response.status, error);
}

/** The events of a stream, one after the other, taken up again where it broke; ends with `done` or `end`. */
export async function* events(path, signal) {
  let last = null;
  while (!signal.aborted) {
    try {
      const headers = { accept: "text/event-stream", authorization: `Bearer ${await token()}` };
      if (last) headers["last-event-id"] = last;
      const answer = await fetch(path, { headers, signal });
      if (answer.status >= 400 && answer.status < 500) throw new Refusal(answer.status, await answer.json().catch(() => null));
      for await (const one of parsed(answer.body)) {
        last = one.id ?? last;
        yield one;
        if (one.event === "done" || one.event === "end") return;
      }
    } catch (error) {
      if (signal.aborted || error instanceof Refusal) throw error;
    }
    await pause(1500);
  }
}

async function* parsed(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const fields = Object.fromEntries(
        part.split("\n").filter((line) => line.includes(": ")).map((line) => line.split(/: (.*)/s, 2)),
      );
      if (fields.data) yield { event: fields.event ?? "message", id: fields.id, data: JSON.parse(fields.data) };
    }
  }
}
