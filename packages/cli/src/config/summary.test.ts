import { configurationSchema } from "@kubestack/configuration";
import { expect, test } from "vitest";
import { summaryOf } from "./summary.ts";

test("a sound configuration is told in a few lines, without its secrets", () => {
  const configuration = configurationSchema.parse({
    kubernetes: { namespace: "ci" },
    masters: [{ name: "backend", url: "https://ci.example.org/", token: "file:/run/secrets/token" }],
    templates: [
      { name: "maven", labels: ["maven", "linux"], image: "i" },
      { name: "base", image: "i" },
    ],
  });
  expect(summaryOf("c.yaml", configuration, { isOriginal: false, warnings: ["the roof leaks"] })).toEqual([
    "c.yaml: no fault",
    "  masters    backend (https://ci.example.org/)",
    "  templates  maven [maven linux], base []",
    "  cluster    namespace ci",
    "  NATS       an embedded nats-server",
    "  note       template base has no labels: nothing is launched from it",
    "  warning    the roof leaks",
  ]);
});
