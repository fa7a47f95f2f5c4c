import { expect, test } from "vitest";
import { propertiesForm, swarmParameters } from "./node-properties.ts";

const jdk = "hudson.model.JDK$DescriptorImpl";
const properties = { env: { A: "1", "PATH+B": "/b:/c" }, tools: [{ type: jdk, name: "21", home: "/j" }] };

test("a form has a member for each property, and none for what is empty", () => {
  expect(propertiesForm(properties)).toEqual({
    "hudson-slaves-EnvironmentVariablesNodeProperty": {
      env: [
        { key: "A", value: "1" },
        { key: "PATH+B", value: "/b:/c" },
      ],
    },
    "hudson-tools-ToolLocationNodeProperty": { locations: [{ key: `${jdk}@21`, home: "/j" }] },
  });
  expect(propertiesForm({ env: {}, tools: [] })).toEqual({});
});

test("the Swarm plugin is told each by a parameter, and never of a tool that it would take for another", () => {
  expect(swarmParameters(properties)).toEqual({
    environmentVariable: ["A:1", "PATH+B:/b:/c"],
    toolLocation: ["21:/j"],
  });
  const [tool] = properties.tools;
  const other = { env: {}, tools: [{ ...(tool ?? expect.fail()), name: "a:b" }] };
  expect(() => swarmParameters(other)).toThrow(expect.objectContaining({ code: "master-refused", retry: "never" }));
});
