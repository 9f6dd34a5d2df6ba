// One method for every operation of the contract: `await api.createVideo({ body: { prompt: "…" } })`.
// What comes back is openapi-fetch's `{ data, error, response }`; `error` is the Problem of the contract.
import createClient from "./openapi-fetch.js";
import { OPERATIONS } from "./operations.js";

/** @type {import("./client.d.ts").createCastmate} */
export function createCastmate({ baseUrl = "", token, fetch } = {}) {
  const client = createClient({ baseUrl, fetch });
  client.use({
    async onRequest({ request }) {
      const held = typeof token === "function" ? await token() : token;
      if (held) request.headers.set("authorization", `Bearer ${held}`);
      return request;
    },
  });
  return Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, [method, path]]) => [name, (init) => client[method](path, init)]),
  );
}

/** The body of an operation that takes files, for `bodySerializer`: fields as the contract names them. */
export function form(fields) {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) made.append(name, one instanceof Blob ? one : String(one));
    }
  }
  return made;
}
