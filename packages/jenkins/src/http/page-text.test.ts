import { expect, test } from "vitest";
import { messageOf } from "./page-text.ts";

test.each([
  ["a paragraph below the heading of an error", "<h1>Access Denied</h1><p>No right&#33; </p>", "No right&#33;"],
  ["the title", "<html><title>Sign in</title><b>and more</b></html>", "Sign in"],
  ["text between scripts", "<script>var a = '<b>';</script>Not now.<STYLE>b { }</STYLE> Later.", "Not now. Later."],
  ["nothing", "", ""],
])("a page's message is %s", (_, page, message) => {
  expect(messageOf(page)).toBe(message);
});

test("a script that does not end is code to the end of the page, which is not looked through again for each", () => {
  expect(messageOf("Oops. <script>var a = 1; <script>var b = 2;")).toBe("Oops.");
});
