import { expect, test } from "vitest";
import { measuredClock } from "./clock.ts";

test("the offset is the server's time less the middle of the way there and back", () => {
  const clock = measuredClock(() => 0);
  clock.measured(10_050, { sentAt: 0, answeredAt: 100 });
  expect(clock.offsetMs()).toBe(10_000);
});

test("a measure whose answer was held up moves the offset no further than it is sure of", () => {
  const clock = measuredClock(() => 0);
  clock.measured(1_010, { sentAt: 0, answeredAt: 20 });
  expect(clock.offsetMs()).toBe(1_000);
  // Written at once, and the answer stood still for six seconds: the middle would be three seconds off.
  clock.measured(11_010, { sentAt: 10_000, answeredAt: 16_000 });
  expect(clock.offsetMs()).toBe(1_000);
  // The server's clock was set forward by a minute: even a slow answer shows that, give or take what it took.
  clock.measured(81_000, { sentAt: 20_000, answeredAt: 26_000 });
  expect(clock.offsetMs()).toBe(55_000);
});
