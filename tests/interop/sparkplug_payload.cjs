// npm sparkplug-payload as an independent reader and writer. Lines of hex on stdin are messages: prints each as JSON.
// A line that begins with { is a message to write: prints its hex.
const { get } = require("sparkplug-payload");
const codec = get("spBv1.0");
const plain = (_, v) => (v && typeof v === "object" && "low" in v && "unsigned" in v ? Number(v.toString()) : typeof v === "bigint" ? Number(v) : v);
for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  if (line.startsWith("{")) console.log(Buffer.from(codec.encodePayload(JSON.parse(line))).toString("hex"));
  else console.log(JSON.stringify(codec.decodePayload(Buffer.from(line, "hex")), plain));
}
