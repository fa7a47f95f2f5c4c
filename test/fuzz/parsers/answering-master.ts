import { connectMaster, type Master } from "@kubestack/jenkins";

/** A master that answers whatever it is asked with what `answer` says. */
export interface AnsweringMaster {
  readonly master: Master;
  answer: (path: string) => { readonly status?: number; readonly text: string };
}

const base = "http://ci.example.org/";

/** Makes one; no request leaves this process. */
export function answeringMaster(): AnsweringMaster {
  const answering: AnsweringMaster = {
    answer: () => ({ text: "" }),
    master: connectMaster({
      name: "m",
      url: base,
      user: "robot",
      auth: { kind: "token", read: async () => "a token of the test" },
      send: async ({ url }) => {
        const { status = 200, text } = answering.answer(url.slice(base.length));
        return { status, headers: { "x-jenkins": "2.579", "x-jenkins-session": "first" }, setCookies: [], text };
      },
      pause: async () => undefined,
    }),
  };
  return answering;
}
