import type { FetchResponse, MaybeOptionalInit } from "./openapi-fetch.js";
import type { OPERATIONS } from "./operations.js";
import type { components, paths } from "./schema.d.ts";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

type Lower<M> = M extends string ? Lowercase<M> : never;
type At<Name extends keyof typeof OPERATIONS> = (typeof OPERATIONS)[Name];
type Item<Name extends keyof typeof OPERATIONS> = paths[At<Name>[1] & keyof paths];
type Method<Name extends keyof typeof OPERATIONS> = Lower<At<Name>[0]> & keyof Item<Name>;
type Operation<Name extends keyof typeof OPERATIONS> = Item<Name>[Method<Name>] & Record<string | number, unknown>;
type Init<Name extends keyof typeof OPERATIONS> = MaybeOptionalInit<Item<Name> & {}, Method<Name>>;

export type Castmate = {
  [Name in keyof typeof OPERATIONS]: <I extends Init<Name>>(
    ...init: undefined extends Init<Name> ? [I?] : [I]
  ) => Promise<FetchResponse<Operation<Name>, I, `${string}/${string}`>>;
};

export interface Settings {
  baseUrl?: string;
  /** An access token or API key, or what gives the current one. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  fetch?: (request: Request) => Promise<Response>;
}

export function createCastmate(settings?: Settings): Castmate;
export function form(fields: Record<string, unknown>): FormData;
