// What the official JavaScript clients must be able to do with the front, and the error
// each refusal must reach them as. Usage: node clients.mjs PACKAGE HOST:PORT, in a folder
// where the package is installed. Ends with 1 when something is not as it should be.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [name, address] = process.argv.slice(2);
const kit = await import(pathToFileURL(createRequire(process.cwd() + "/").resolve(name)));
const current = "KurrentDBClient" in kit;
const client = (current ? kit.KurrentDBClient : kit.EventStoreDBClient)
  .connectionString(`${current ? "kurrentdb" : "esdb"}://${address}?tls=false`);
const { jsonEvent, binaryEvent, START, END, FORWARDS, BACKWARDS, NO_STREAM, STREAM_EXISTS } = kit;

let failures = 0;
const check = (what, good, detail = "") => {
  console.log(good ? "ok  " : "FAIL", what, detail);
  if (!good) failures++;
};
const refuses = async (what, type, call) => {
  try {
    await call();
    check(what, false, "was not refused");
  } catch (error) {
    check(what, error.type === type, `${error.constructor.name} ${error.type}`);
  }
};
const all = async (events) => {
  const got = [];
  for await (const event of events) got.push(event);
  return got;
};
// The two clients call the expectation by different names.
const expecting = (expected) => ({ expectedRevision: expected, streamState: expected });
const event = (n) => jsonEvent({ type: "thing-done", data: { n }, metadata: { n } });
const stream = "order-" + crypto.randomUUID().replaceAll("-", "");

// Append.
const first = event(0);
let result = await client.appendToStream(stream, [first, event(1)], expecting(NO_STREAM));
check("append", result.success && Number(result.nextExpectedRevision) === 1 && result.position.commit > 0n);
const replay = await client.appendToStream(stream, first);
check("append again", Number(replay.nextExpectedRevision) === 0 && replay.position.commit < result.position.commit);
await Promise.all(Array.from({ length: 200 }, (_, i) => client.appendToStream(stream, event(i + 2))));
await client.appendToStream(stream, binaryEvent({ type: "bytes", data: Buffer.from([1, 2, 255]) }));
await refuses("append at a wrong revision", "wrong-expected-version", () => client.appendToStream(stream, event(1), expecting(5n)));
await refuses("append to no stream", "wrong-expected-version", () => client.appendToStream(stream, event(1), expecting(NO_STREAM)));
await refuses("append to a stream that exists", "wrong-expected-version", () => client.appendToStream("none" + stream, event(1), expecting(STREAM_EXISTS)));
await refuses("append too much", "maximum-append-size-exceeded", () => client.appendToStream(stream, jsonEvent({ type: "big", data: "x".repeat(1100000) })));

// Read.
let got = await all(client.readStream(stream, { direction: FORWARDS, fromRevision: START }));
check("read forwards", got.length === 203 && got.every((e, i) => Number(e.event.revision) === i), got.length);
check("read JSON and bytes", got[0].event.isJson && got[0].event.data.n === 0 && got[0].event.metadata.n === 0 && !got[202].event.isJson);
got = await all(client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 5 }));
check("read backwards", got.length === 5 && Number(got[0].event.revision) === 202);
check("read all forwards", (await all(client.readAll({ direction: FORWARDS, fromPosition: START }))).length >= 203);
check("read all backwards", (await all(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }))).length === 3);
await refuses("read a stream that is not there", "stream-not-found", () => all(client.readStream("none" + stream)));

// Metadata.
await client.setStreamMetadata(stream, { maxCount: 10, custom: "c" });
const { metadata } = await client.getStreamMetadata(stream);
check("metadata", metadata.maxCount === 10 && metadata.custom === "c");
check("$maxCount", (await all(client.readStream(stream))).length === 10);

// Subscribe.
const collect = (subscription, want, begun = async () => {}) => new Promise((resolve, reject) => {
  const got = [];
  const late = setTimeout(() => reject(new Error(`only ${got.length} of ${want} events came`)), 20000);
  subscription.on("error", reject);
  subscription.on("confirmation", () => begun().catch(reject));
  subscription.on("data", (event) => {
    got.push(event);
    if (got.length !== want) return;
    clearTimeout(late);
    subscription.unsubscribe().then(() => resolve(got), () => resolve(got));
  });
});
const live = "live" + stream;
let caughtUp = 0;
const subscription = client.subscribeToStream(live, { fromRevision: START });
subscription.on("caughtUp", () => caughtUp++);
got = await collect(subscription, 20, async () => {
  for (let i = 0; i < 20; i++) await client.appendToStream(live, event(i));
});
check("subscribe to a stream", got.every((e, i) => Number(e.event.revision) === i) && caughtUp === 1, caughtUp);
const checkpoints = [];
got = await collect(client.subscribeToAll({ fromPosition: START, filter: kit.streamNameFilter({
  prefixes: [live], checkpointInterval: 1, checkpointReached: (_, position) => { checkpoints.push(position.commit); },
}) }), 20);
check("subscribe by stream", got.every((e) => e.event.streamId === live));
check("checkpoints", checkpoints.length > 0 && checkpoints.every((c, i) => i === 0 || c > checkpoints[i - 1]), checkpoints.length);
got = await collect(client.subscribeToAll({ fromPosition: START, filter: kit.eventTypeFilter({ regex: "^thing.*" }) }), 30);
check("subscribe by type", got.every((e) => e.event.type === "thing-done"));
got = await collect(client.subscribeToAll({ fromPosition: START, filter: kit.excludeSystemEvents() }), 30);
check("subscribe without system events", got.every((e) => !e.event.type.startsWith("$")));
got = await collect(client.subscribeToAll({ fromPosition: END }), 1, () => client.appendToStream(live, event(99)));
check("subscribe from the end", got[0].event.data.n === 99);

// Delete.
check("delete", (await client.deleteStream(live)).position.commit > 0n);
await refuses("read a deleted stream", "stream-not-found", () => all(client.readStream(live)));
result = await client.appendToStream(live, event(5), expecting(NO_STREAM));
check("revive", Number(result.nextExpectedRevision) === 21 && (await all(client.readStream(live))).length === 1);
await refuses("delete at a wrong revision", "wrong-expected-version", () => client.deleteStream(live, expecting(3n)));
check("tombstone", (await client.tombstoneStream(live)).position.commit > 0n);
await refuses("append after a tombstone", "stream-deleted", () => client.appendToStream(live, event(6)));
await refuses("read after a tombstone", "stream-deleted", () => all(client.readStream(live)));
await refuses("delete after a tombstone", "stream-deleted", () => client.deleteStream(live));
const foreign = "早上" + stream;
await client.appendToStream(foreign, event(1));
await client.tombstoneStream(foreign);
await refuses("a name beyond ASCII", "stream-deleted", () => all(client.readStream(foreign)));

// What is not served ends in an error, not in silence.
const settings = kit.persistentSubscriptionToStreamSettingsFromDefaults();
await refuses("persistent subscriptions", "unknown", () => client.createPersistentSubscriptionToStream(stream, "group", settings));
await refuses("projections", "unknown", () => client.getProjectionStatus("x"));

process.exit(failures ? 1 : 0);
