/** For tests of other packages: files as the plugin's users have them. */
export { type Sample, samples } from "./samples.fixture.ts";
