// A client of another stack (node-opcua): reads a tag by its printed namespace URI and node id, then writes true and
// false to an output, and reads it back. usage: node drive.cjs URL PASSWORD URI READ WRITE; prints one JSON object.
const path = require("path");
const interop = path.join(__dirname, "..", "interop", "node_modules", "node-opcua-client");
const { OPCUAClient, AttributeIds, DataType, UserTokenType, Variant } = require(interop);

const [, , url, password, uri, read, write] = process.argv;

async function main() {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0 } });
  await client.connect(url);
  const session = await client.createSession({ type: UserTokenType.UserName, userName: "trainee", password });
  const uris = (await session.read({ nodeId: "ns=0;i=2255", attributeId: AttributeIds.Value })).value.value;
  const id = (name) => `ns=${uris.indexOf(uri)};${name}`;
  const value = async (name) => (await session.read({ nodeId: id(name), attributeId: AttributeIds.Value })).value.value;
  const set = async (on) =>
    (await session.write({
      nodeId: id(write), attributeId: AttributeIds.Value,
      value: { value: new Variant({ dataType: DataType.Boolean, value: on }) },
    })).name;
  const out = { read: await value(read), on: await set(true), is: await value(write), off: await set(false) };
  await session.close();
  await client.disconnect();
  console.log(JSON.stringify(out));
}

main().catch((error) => { console.error(error); process.exit(1); });
