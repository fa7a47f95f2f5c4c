import { run } from "../program.ts";

/** Runs `import` as somebody at a terminal of 100 columns would, without colours. */
export async function runImport(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await run(["import", ...args], {
    terminal: {
      width: 100,
      colour: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    environment: {},
    version: "1.2.3",
    now: () => 0,
    connect: () => Promise.reject(new Error("no NATS is needed")),
    interrupted: () => new Promise(() => undefined),
  });
  return { code, out, err };
}
