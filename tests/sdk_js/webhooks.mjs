// The official JavaScript SDK's verifier: reads {secret, body, headers} from stdin, prints the event; fails for a forgery.
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import OpenAI from "openai";

const { secret, body, headers } = JSON.parse(await text(process.stdin));
const client = new OpenAI({ apiKey: "cm_x", baseURL: "http://localhost/v1", webhookSecret: secret });
await assert.rejects(client.webhooks.unwrap(`${body} `, headers), OpenAI.InvalidWebhookSignatureError);
console.log(JSON.stringify(await client.webhooks.unwrap(body, headers)));
