import { z } from "zod";
import { errorBodySchema } from "./error-body.ts";
import type { Route } from "./route.ts";

/** What goes wrong everywhere alike, by status. */
const everywhere: Readonly<Record<number, string>> = {
  400: "The query can't be read: what is wrong with it.",
  421: "The request names another host than this one in its header Host.",
  500: "A fault of KubeStack's own; its log says which.",
  503: "NATS does not answer, or too many ask at once: ask again after `Retry-After` seconds.",
};

/** The OpenAPI document of exactly what is served. */
export function openApiOf(routes: readonly Route[], version: string): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "KubeStack",
      version,
      description:
        "What KubeStack knows, and why. Instants are in UTC, also in sentences (2026-03-04T12:00Z). Fields may be added; none is taken away or changes its meaning within v1.",
    },
    paths: Object.fromEntries(routes.map((route) => [route.path, { get: operationOf(route) }])),
    components: {
      schemas: {
        Error: jsonSchemaOf(errorBodySchema),
        ...Object.fromEntries(routes.map(({ reply: { name, schema } }) => [name, jsonSchemaOf(schema)])),
      },
    },
  };
}

function operationOf({ summary, parameters, reply, refusals }: Route): object {
  return {
    summary,
    parameters: Object.entries(parameters).map(([name, { about, longest, isNeeded, example }]) => ({
      name,
      in: "query",
      description: about,
      required: isNeeded,
      schema: { type: "string", maxLength: longest },
      example,
    })),
    responses: {
      200: { description: "The answer.", content: contentOf(reply.name) },
      ...Object.fromEntries(
        Object.entries({ ...everywhere, ...refusals }).map(([status, description]) => [
          status,
          { description, content: contentOf("Error") },
        ]),
      ),
    },
  };
}

function contentOf(name: string): object {
  return { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } };
}

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: "output" });
  return rest;
}
