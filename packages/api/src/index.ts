/**
 * What people are told, over NATS and over HTTP alike, as the same documents. Any number of processes may do so, for it keeps
 * nothing and changes nothing.
 * It must never know how an answer is found: that is `explain`'s; nor read a master or the cluster.
 */
export { type Api, type ApiOptions, startApi } from "./service.ts";
