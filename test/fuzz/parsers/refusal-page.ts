import { type FuzzedParser, refusal, times } from "../parser.ts";
import { answeringMaster } from "./answering-master.ts";

const answering = answeringMaster();
const denied = `<html><head><title>Access Denied [Jenkins]</title><script>var a = "<b>";</script></head><body><h1>Access Denied</h1><p class="error">robot is missing the Agent/Create permission</p></body></html>`;
const login = `<!DOCTYPE html><html><head><title>Sign in [Jenkins]</title></head><form action="j_spring_security_check"><input type="password"></form></html>`;

/** A master's pages for people, by which it refuses: the first line is the status, the rest the page. */
export const refusalPageParser: FuzzedParser = {
  name: "refusal-page",
  refusesAll: true,
  samples: [
    `403\n${denied}`,
    `401\n${login}`,
    `200\n${login}`,
    "500\n<html><head><title>Error</title></head><h1>Oops!</h1><p>A problem occurred &amp; was logged.</p><pre>java.lang.NullPointerException</pre>",
    "503\n<html>Please wait while Jenkins is getting ready to work</html>",
    "404\n<html><h1>HTTP ERROR 404 Not Found</h1></html>",
    "403\nNo valid crumb was included in the request",
    "302\n",
    "400\nA node called &quot;a&quot; already exists",
  ],
  words: [
    "<script>",
    "</",
    "<style",
    "<h1",
    "<p",
    "</p>",
    "<pre",
    "<title",
    "</title>",
    ">",
    "Error",
    "crumb",
    "login",
    "&amp;",
    "\n",
  ],
  read: async (input) => {
    const [status = "", ...page] = input.split("\n");
    answering.answer = () => ({ status: Number(/^\d{3}$/.exec(status)?.[0] ?? 500), text: page.join("\n") });
    const { master } = answering;
    const readings = await Promise.allSettled([master.readQueue(), master.deleteNode("ks-m-abcd1")]);
    for (const one of readings)
      if (one.status === "rejected" && !(one.reason instanceof Error && "code" in one.reason)) throw one.reason;
    return readings.some(({ status: is }) => is === "rejected") ? refusal : undefined;
  },
  growing: {
    "open scripts": (size) => `500\n${times("<script>", size)}`,
    headings: (size) => `403\n${times("<h1", size)}`,
    "headings with attributes": (size) => `403\n${times("<h1 a>b", size)}`,
    titles: (size) => `200\n${times("<title>", size)}`,
    tags: (size) => `500\n${times("<b>", size)}`,
    "open tags": (size) => `500\n${times("<", size)}`,
    blanks: (size) => `500\n${times(" ", size)}`,
    entities: (size) => `500\n${times("&amp;", size)}`,
    paragraphs: (size) => `403\n<h1>Error</h1>${times("<p", size)}`,
  },
  longest: 1024 * 1024,
};
