/** How what strangers ask over HTTP is read, so that tests can let it read anything. */
export { answerTo, type ExchangeOptions } from "./http/exchange.ts";
export { readQuery } from "./http/query.ts";
export { routesOf } from "./routes.ts";
