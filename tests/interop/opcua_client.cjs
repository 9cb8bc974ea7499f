// A client of another stack (node-opcua): browses, reads, subscribes, writes and calls by what the docs say.
// usage: node opcua_client.cjs URL LINE TRAINEE_PASSWORD; prints one JSON object.
const {
  OPCUAClient, AttributeIds, DataType, UserTokenType, StatusCodes, TimestampsToReturn, ClientMonitoredItem,
  makeBrowsePath, Variant,
} = require("node-opcua-client");

const [, , url, line, password] = process.argv;
const options = {
  endpointMustExist: false, requestedSessionTimeout: 10000, connectionStrategy: { maxRetry: 0, maxDelay: 100 },
};

async function session(user, work) {
  const client = OPCUAClient.create({ ...options, clientName: "interop" });
  await client.connect(url);
  try {
    const one = await client.createSession(user);
    try {
      return await work(one);
    } finally {
      await one.close();
    }
  } finally {
    await client.disconnect();
  }
}

async function names(one, node) {
  const found = await one.browse({
    nodeId: node, browseDirection: 0, includeSubtypes: true, nodeClassMask: 0, resultMask: 63,
    referenceTypeId: "HierarchicalReferences",
  });
  return found.references.map((reference) => reference.browseName.name);
}

async function follow(one, node, change) {
  const subscription = await one.createSubscription2({
    requestedPublishingInterval: 50, requestedLifetimeCount: 100, requestedMaxKeepAliveCount: 10,
    maxNotificationsPerPublish: 100, publishingEnabled: true, priority: 1,
  });
  const heard = [];
  const item = ClientMonitoredItem.create(
    subscription, { nodeId: node, attributeId: AttributeIds.Value },
    { samplingInterval: 50, discardOldest: true, queueSize: 10 }, TimestampsToReturn.Both,
  );
  item.on("changed", (value) => heard.push(value.value.value));
  const until = async (count) => {
    for (let turn = 0; turn < 300 && heard.length < count; turn++) await new Promise((done) => setTimeout(done, 10));
  };
  await until(1);
  await change();
  await until(2);
  await subscription.terminate();
  return heard;
}

const write = (node, dataType, value) => ({
  nodeId: node, attributeId: AttributeIds.Value, value: { value: new Variant({ dataType, value }) },
});

async function trainee(one) {
  const out = {};
  const uris = (await one.read({ nodeId: "ns=0;i=2255", attributeId: AttributeIds.Value })).value.value;
  const ns = uris.indexOf(`urn:linelab:${line}`);
  const id = (name) => `ns=${ns};s=${name}`;
  out.line = await names(one, id(line));
  out.station = await names(one, id("sorting"));
  const path = await one.translateBrowsePath(makeBrowsePath("RootFolder", `/Objects/${ns}:${line}/${ns}:sorting/${ns}:eye_1`));
  out.path = path.targets[0].targetId.toString();
  const speed = await one.read({ nodeId: id("sorting.belt_speed"), attributeId: AttributeIds.Value });
  out.speed = { type: DataType[speed.value.dataType], value: speed.value.value, source: speed.sourceTimestamp !== null };
  const unit = await one.read({ nodeId: id("sorting.belt_speed.EngineeringUnits"), attributeId: AttributeIds.Value });
  const range = await one.read({ nodeId: id("sorting.belt_speed.EURange"), attributeId: AttributeIds.Value });
  out.unit = unit.value.value.displayName.text;
  out.range = [range.value.value.low, range.value.value.high];
  const many = [
    write(id("sorting.belt_run"), DataType.Boolean, true), write(id("sorting.eye_1"), DataType.Boolean, true),
    write(id("sorting.belt_speed"), DataType.Float, 501), write(id("sorting.target"), DataType.Int32, 1),
  ];
  out.writes = (await one.write(many)).map((code) => code.name);
  out.heard = await follow(one, id("sorting.belt_speed"), () =>
    one.write(write(id("sorting.belt_speed"), DataType.Float, 123.5)));
  const call = (method, args = []) => one.call({ objectId: id("sorting"), methodId: id(method), inputArguments: args });
  out.start = (await call("sorting.Start")).statusCode.name;
  out.reset = (await call("sorting.Reset")).statusCode.name;
  return out;
}

async function observer(one) {
  const uris = (await one.read({ nodeId: "ns=0;i=2255", attributeId: AttributeIds.Value })).value.value;
  const ns = uris.indexOf(`urn:linelab:${line}`);
  return (await one.write(write(`ns=${ns};s=sorting.belt_run`, DataType.Boolean, false))).name;
}

async function main() {
  const user = { type: UserTokenType.UserName, userName: "trainee", password };
  const out = await session(user, trainee);
  out.observer = await session({ type: UserTokenType.Anonymous }, observer);
  out.admin = await session({ type: UserTokenType.UserName, userName: "admin", password: "" }, async () => "let in")
    .catch((error) => error.message);
  console.log(JSON.stringify(out));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
