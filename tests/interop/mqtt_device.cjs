// A device behind a broker for the MQTT driver: JSON by MQTT.js, and the same as a Sparkplug B edge node by sparkplug-payload.
// usage: node mqtt_device.cjs URL; prints READY. Commands on standard input: freeze, thaw, gap (leaves out a sequence
// number), die (the death certificate of the edge node), born. Prints each command that it did, one JSON object a line.
const readline = require("readline");
const mqtt = require("mqtt");
const { get } = require("sparkplug-payload");

const codec = get("spBv1.0");
const base = "spBv1.0/g", node = "press", device = "axis";
const state = { number: 1, flag: false, moving: 0 };
const TYPES = { number: "Int16", flag: "Boolean", moving: "Int32" };
const ALIAS = { number: 1, flag: 2, moving: 3 };
let frozen = false, seq = 0, bdSeq = 0, alive = true;

const metric = (name, full) => ({
  ...(full ? { name } : {}), alias: ALIAS[name], type: TYPES[name], value: state[name], timestamp: Date.now(),
});
const death = () => ({ timestamp: Date.now(), metrics: [{ name: "bdSeq", type: "UInt64", value: bdSeq }] });
const client = mqtt.connect(process.argv[2], {
  reconnectPeriod: 100, connectTimeout: 1000, clientId: "press", resubscribe: true,
  will: { topic: `${base}/NDEATH/${node}`, payload: Buffer.from(codec.encodePayload(death())), qos: 1 },
});

function say(verb, metrics, of) {
  if (!client.connected) return;
  const topic = `${base}/${verb}/${node}${of ? `/${of}` : ""}`;
  client.publish(topic, Buffer.from(codec.encodePayload({ timestamp: Date.now(), seq, metrics })), { qos: 0 });
  seq = (seq + 1) % 256;
}

function birth() {
  seq = 0;
  say("NBIRTH", [
    { name: "bdSeq", type: "UInt64", value: bdSeq },
    { name: "Node Control/Rebirth", type: "Boolean", value: false },
  ]);
  say("DBIRTH", Object.keys(TYPES).map((name) => metric(name, true)), device);
}

function done(name, value, by) {
  state[name] = value;
  console.log(JSON.stringify({ name, value, by }));
}

client.on("connect", () => {
  client.subscribe(["cell/press/set", "cell/press/flag/set", `${base}/NCMD/${node}`, `${base}/DCMD/${node}/${device}`], { qos: 1 },
    () => { birth(); if (process.stdout.writable) console.log("READY"); });
});
client.on("message", (topic, payload) => {
  if (topic === "cell/press/set") done("number", JSON.parse(payload).number, "json");
  else if (topic === "cell/press/flag/set") done("flag", payload.toString() === "true", "json");
  else if (topic.includes("/NCMD/")) { if (alive) birth(); }
  else for (const each of codec.decodePayload(payload).metrics) {
    const name = each.name || Object.keys(ALIAS).find((key) => ALIAS[key] === Number(each.alias));
    done(name, typeof each.value === "number" ? each.value << 16 >> 16 : each.value, "sparkplug");
  }
});
client.on("error", () => {});
setInterval(() => {
  if (!client.connected) return;
  if (!frozen) state.moving += 1;
  client.publish("cell/press/state", JSON.stringify({ ...state, ts: new Date().toISOString() }));
  if (alive) say("DDATA", Object.keys(TYPES).map((name) => metric(name)), device);
}, 40);
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "freeze" || line === "thaw") frozen = line === "freeze";
  if (line === "gap") seq = (seq + 1) % 256;
  if (line === "die") {
    alive = false;
    client.publish(`${base}/NDEATH/${node}`, Buffer.from(codec.encodePayload(death())), { qos: 1 });
  }
  if (line === "born") { alive = true; birth(); }
}).on("close", () => process.exit(0));
