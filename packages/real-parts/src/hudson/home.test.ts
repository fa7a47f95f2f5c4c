import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { hashedPassword, writeHudsonHome } from "./home.ts";

test("the hash is over the password and the salt in braces", () => {
  expect(hashedPassword("sesame", "salty")).toBe(
    "salty:5947f3fe831b826cec7b53b0050b98eb0dfdb25ad051d2e75b678c76852b01d0",
  );
});

test("no file of the home holds the password, and the user's is for the owner only", async () => {
  const folder = await temporaryFolder("home-test");
  onTestFinished(() => folder.remove());
  await writeHudsonHome(folder.path, { user: "kim", password: "open-sesame", url: "http://127.0.0.1:1/" });
  const userFile = join(folder.path, "users", "kim", "config.xml");
  for (const file of [join(folder.path, "config.xml"), join(folder.path, "hudson-security.xml"), userFile]) {
    expect(await readFile(file, "utf8")).not.toContain("open-sesame");
  }
  expect((await stat(userFile)).mode & 0o777).toBe(0o600);
});

test("a user name that would be markup or a path is refused", async () => {
  const options = { user: "../x", password: "p", url: "http://127.0.0.1:1/" };
  await expect(writeHudsonHome("/nowhere", options)).rejects.toThrow(/is no user name/);
});
