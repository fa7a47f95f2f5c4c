import { explanationSchema } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { routesOf } from "../routes.ts";
import { openApiOf } from "./open-api.ts";

const routes = routesOf({ explain: () => Promise.reject(new Error("nobody asks")) });
const document = JSON.parse(JSON.stringify(openApiOf(routes, "1.2.3")));

test("the OpenAPI document tells of what is served, and of nothing else", () => {
  expect(document).toMatchObject({ openapi: "3.1.0", info: { title: "KubeStack", version: "1.2.3" } });
  expect(Object.keys(document.paths)).toEqual(routes.map(({ path }) => path));
  const { parameters, responses } = document.paths["/api/v1/explain"].get;
  expect(parameters).toMatchObject([
    { name: "what", in: "query", required: true, schema: { type: "string", maxLength: 4096 } },
    { name: "master", in: "query", required: false },
  ]);
  expect(Object.keys(responses)).toEqual(["200", "400", "404", "421", "500", "503"]);
});

test("each form that it names is there, with the fields that are answered", () => {
  const named = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  for (const [, name = ""] of named) expect(Object.keys(document.components.schemas)).toContain(name);
  const { properties, required } = document.components.schemas.Explanation;
  expect(Object.keys(properties)).toEqual(Object.keys(explanationSchema.shape));
  expect(required).toEqual(Object.keys(explanationSchema.shape));
});
