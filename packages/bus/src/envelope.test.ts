import { channels } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { pack, unpack } from "./envelope.ts";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const { externalDemand, member } = channels;

describe("what a system of one's own sends", () => {
  const demand = { items: [{ id: "1", job: "", url: "", waitingSince: null, why: "" }] };

  test("is read as a CloudEvent", () => {
    const packed = pack(externalDemand, demand, { id: "e1", source: "own", subject: "s", at: 5_000 });
    expect(unpack(externalDemand, packed)).toEqual({ id: "e1", source: "own", at: 5_000, data: demand });
  });

  test("is read bare", () => {
    expect(unpack(externalDemand, bytes({ items: [{ id: "1" }] }))).toEqual({
      id: "",
      source: "",
      at: 0,
      data: { items: [{ id: "1" }] },
    });
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a text", "items"],
    ["a list", [{ id: "1" }]],
    ["no items", {}],
    ["items that are no list", { items: { id: "1" } }],
    ["more items than may be", { items: Array.from({ length: 20_001 }, () => ({})) }],
    ["half a CloudEvent", { specversion: "1.0", items: [] }],
  ])("is refused as %s", (_, value) => {
    expect(() => unpack(externalDemand, bytes(value))).toThrow(
      /^A message on kubestack\.external\.demand\.<master> can't be read/,
    );
  });
});

test("what services tell each other is a CloudEvent always", () => {
  const message = { service: "slave-supervisor", process: "p", beat: 1, serves: [], holds: [] };
  expect(() => unpack(member, bytes(message))).toThrow("can't be read");
});
