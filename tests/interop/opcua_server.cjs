// A device of another stack (node-opcua) for the OPC UA driver: variables of every type, with policies and a password.
// usage: node opcua_server.cjs PORT PKI_FOLDER [SECURE]; prints READY. One command a line on its standard input:
// set NAME JSON, code NAME STATUS, freeze, thaw. Prints what clients wrote as one JSON object a line.
const path = require("path");
const readline = require("readline");
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { MessageSecurityMode, SecurityPolicy, DataType, DataValue, Variant, StatusCodes } = require("node-opcua-client");

const [, , port, folder, secure] = process.argv;
const TYPES = { flag: DataType.Boolean, int16: DataType.Int16, uint16: DataType.UInt16, int32: DataType.Int32,
  uint32: DataType.UInt32, float: DataType.Float, double: DataType.Double, text: DataType.String, fixed: DataType.Int32 };
const values = { flag: false, int16: -7, uint16: 7, int32: -70000, uint32: 70000, float: 1.5, double: 2.5, text: "a",
  fixed: 5 };
const codes = {}, times = Object.fromEntries(Object.keys(values).map((name) => [name, new Date()]));
let counter = 0, frozen = false;

function addVariable(space, parent, name) {
  const reads = () => new DataValue({
    value: new Variant({ dataType: TYPES[name], value: values[name] }), statusCode: codes[name] || StatusCodes.Good,
    sourceTimestamp: times[name],
  });
  const writes = (data, callback) => {
    values[name] = data.value.value;
    times[name] = new Date();
    console.log(JSON.stringify({ name, value: data.value.value, type: DataType[data.value.dataType] }));
    callback(null, StatusCodes.Good);
  };
  space.addVariable({
    componentOf: parent, browseName: name, nodeId: `s=press.${name}`, dataType: DataType[TYPES[name]],
    accessLevel: name === "fixed" ? "CurrentRead" : undefined, minimumSamplingInterval: 20,
    value: { timestamped_get: reads, timestamped_set: name === "fixed" ? undefined : writes },
  });
}

async function main() {
  const server = new OPCUAServer({
    port: Number(port), host: "127.0.0.1", hostname: "127.0.0.1", allowAnonymous: !secure,
    alternateHostname: ["127.0.0.1"],
    securityPolicies: secure ? [SecurityPolicy.Basic256Sha256] : [SecurityPolicy.None],
    securityModes: secure ? [MessageSecurityMode.SignAndEncrypt] : [MessageSecurityMode.None],
    serverCertificateManager: new OPCUACertificateManager({
      rootFolder: path.join(folder, "server"), automaticallyAcceptUnknownCertificate: true,
    }),
    userManager: { isValidUser: (user, password) => user === "line" && password === "secret" },
  });
  await server.initialize();
  const space = server.engine.addressSpace.getOwnNamespace();
  const press = space.addObject({ organizedBy: server.engine.addressSpace.rootFolder.objects, browseName: "press" });
  Object.keys(TYPES).forEach((name) => addVariable(space, press, name));
  space.addVariable({
    componentOf: press, browseName: "counter", nodeId: "s=press.counter", dataType: "UInt32",
    minimumSamplingInterval: 20,
    value: { get: () => new Variant({ dataType: DataType.UInt32, value: frozen ? counter : ++counter }) },
  });
  await server.start();
  console.log("READY");
  readline.createInterface({ input: process.stdin }).on("line", (line) => {
    const [verb, name, rest] = line.split(" ");
    if (verb === "set") { values[name] = JSON.parse(rest); delete codes[name]; }
    if (verb === "code") codes[name] = StatusCodes[rest];
    if (name) times[name] = new Date();
    frozen = verb === "freeze" ? true : verb === "thaw" ? false : frozen;
    console.log(JSON.stringify({ done: verb }));
  }).on("close", () => process.exit(0));
}

main().catch((error) => { console.error(error); process.exit(1); });
