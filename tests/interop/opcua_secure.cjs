// A client of another stack (node-opcua) with certificates: what lets it in, which code keeps it out, what history says.
// usage: node opcua_secure.cjs URL LINE PASSWORD PKI_FOLDER TAG; prints one JSON object.
const path = require("path");
const {
  OPCUAClient, AttributeIds, DataType, UserTokenType, TimestampsToReturn, AggregateFunction,
  MessageSecurityMode, SecurityPolicy, Variant,
} = require("node-opcua-client");

const { OPCUACertificateManager } = require("node-opcua-certificate-manager");

const [, , url, line, password, folder, tag] = process.argv;
const user = { type: UserTokenType.UserName, userName: "trainee", password };
const write = (node, dataType, value) => ({
  nodeId: node, attributeId: AttributeIds.Value, value: { value: new Variant({ dataType, value }) },
});

async function session(options, who, work) {
  const manager = new OPCUACertificateManager({
    rootFolder: path.join(folder, options.own || "tool"), automaticallyAcceptUnknownCertificate: true,
  });
  const client = OPCUAClient.create({
    endpointMustExist: false, requestedSessionTimeout: 10000, clientName: "interop",
    connectionStrategy: { maxRetry: 0, maxDelay: 100 }, clientCertificateManager: manager,
    securityMode: MessageSecurityMode[options.mode || "None"], securityPolicy: SecurityPolicy[options.policy || "None"],
  });
  try {
    await client.connect(url);
    const one = await client.createSession(who);
    try {
      return await work(one);
    } finally {
      await one.close();
    }
  } catch (error) {
    const text = `${error.message} ${error.cause ? error.cause.message : ""}`;
    return (text.match(/Bad[A-Z]\w+/) || [text])[0];
  } finally {
    await client.disconnect();
  }
}

async function drive(one) {
  const node = `ns=2;s=${tag}`;
  const code = (await one.write(write(node, DataType.Float, 77))).name;
  const read = await one.read({ nodeId: node, attributeId: AttributeIds.Value });
  return [code, read.value.value];
}

async function past(one) {
  const node = `ns=2;s=${tag}`;
  const begin = new Date(Date.UTC(2025, 0, 1)), end = new Date(Date.UTC(2027, 0, 1));
  const raw = await one.readHistoryValue({ nodeId: node }, begin, end);
  const max = await one.readAggregateValue({ nodeId: node }, begin, end, AggregateFunction.Maximum, 3600000 * 24 * 730);
  const total = await one.readAggregateValue({ nodeId: node }, begin, end, AggregateFunction.Total, 3600000 * 24 * 730);
  return {
    raw: raw.historyData.dataValues.map((value) => value.value.value),
    max: max.historyData.dataValues.map((value) => value.value.value),
    total: total.statusCode.name,
  };
}

async function main() {
  if (process.argv.includes("--once")) return console.log(JSON.stringify({ once: await session({ policy: "Basic256Sha256", mode: "Sign" }, user, drive) }));
  const out = {};
  for (const policy of ["Basic256Sha256", "Aes256_Sha256_RsaPss"])
    for (const mode of ["Sign", "SignAndEncrypt"]) out[`${policy}/${mode}`] = await session({ policy, mode }, user, drive);
  out.plain = await session({}, user, drive);
  out.password = await session({}, { ...user, password: "wrong" }, drive);
  out.past = await session({}, user, past);
  out.stranger = await session({ own: "stranger", policy: "Basic256Sha256", mode: "Sign" }, user, drive);
  out.unknown = await session({}, user, async (one) =>
    (await one.read({ nodeId: "ns=2;s=no.such", attributeId: AttributeIds.Value })).statusCode.name);
  out.readonly = await session({}, user, async (one) =>
    (await one.write(write("ns=2;s=sorting.eye_1", DataType.Boolean, true))).name);
  out.type = await session({}, user, async (one) => (await one.write(write(`ns=2;s=${tag}`, DataType.Double, 1))).name);
  console.log(JSON.stringify(out));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
