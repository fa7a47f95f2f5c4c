/** What reads pushes, for tests that throw hostile ones at it without a publisher. */
export { readNotice } from "./listeners/notification/notice.ts";
export { readFrame } from "./listeners/zmq/frame.ts";
