// Held against the types by `./run clients`: what should be accepted is, what should not is marked.
import { createCastmate, form, type Problem, type Schemas } from "./client.js";

export async function bread(token: string): Promise<Schemas["Video"] | Problem> {
  const api = createCastmate({ baseUrl: "https://castmate.example", token });
  const { data, error } = await api.createVideo({ body: { prompt: "@maya.me buys bread", seconds: "10" } });
  if (error) return error;
  const { data: found } = await api.getVideo({ params: { path: { video_id: data.id } } });
  const state: "queued" | "in_progress" | "completed" | "failed" | undefined = found?.status;
  if (state === "failed") console.log(found?.error?.code);
  // @ts-expect-error a clip has no such length
  await api.createVideo({ body: { prompt: "too long", seconds: "11" } });
  // @ts-expect-error the id is missing
  await api.getVideo({ params: { path: {} } });
  return data;
}

export async function rex(api: ReturnType<typeof createCastmate>, photo: Blob): Promise<string | undefined> {
  const { data } = await api.createCharacter({
    body: { kind: "drawn", name: "Rex", handle: "rex.dog", photos: [photo as unknown as string] },
    bodySerializer: form,
  });
  return data?.state;
}
