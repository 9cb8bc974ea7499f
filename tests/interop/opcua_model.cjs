// node-opcua walks the information model of a line: types, states, a structure that it knows from the server alone.
// usage: node opcua_model.cjs URL LINE STATION TRAINEE_PASSWORD; prints one JSON object.
const { OPCUAClient, AttributeIds, DataType, UserTokenType, makeBrowsePath, Variant, VariantArrayType } =
  require("node-opcua-client");
const { getExtraDataTypeManager, resolveDynamicExtensionObject } =
  require("node-opcua-client-dynamic-extension-object");

const [, , url, line, station, password] = process.argv;

async function main() {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 0, maxDelay: 100 } });
  await client.connect(url);
  const one = await client.createSession({ type: UserTokenType.UserName, userName: "trainee", password });
  const out = {};
  try {
    const uris = (await one.read({ nodeId: "ns=0;i=2255", attributeId: AttributeIds.Value })).value.value;
    const index = (uri) => uris.indexOf(uri);
    const ns = index(`urn:linelab:${line}`);
    const machinery = index("http://opcfoundation.org/UA/Machinery/");
    const packml = index("http://opcfoundation.org/UA/PackML/");
    const path = `/Objects/${machinery}:Machines/${ns}:${station}`;
    const find = async (rest) => {
      const found = await one.translateBrowsePath(makeBrowsePath("RootFolder", path + rest));
      return found.targets[0].targetId;
    };
    const value = async (nodeId) => (await one.read({ nodeId, attributeId: AttributeIds.Value })).value.value;
    const machine = await find("");
    const typed = await one.browse({
      nodeId: machine, browseDirection: 0, referenceTypeId: "HasTypeDefinition", includeSubtypes: true,
      nodeClassMask: 0, resultMask: 63,
    });
    out.machine = machine.toString();
    out.type = typed.references[0].browseName.name;
    out.state = (await value(await find(`/${packml}:BaseStateMachine/0:CurrentState`))).text;
    out.health = await value(await find(`/${index("http://opcfoundation.org/UA/DI/")}:DeviceHealth`));
    const manager = await getExtraDataTypeManager(one);
    const read = await one.read({ nodeId: await find(`/${ns}:Recipe`), attributeId: AttributeIds.Value });
    await resolveDynamicExtensionObject(one, read.value, manager);
    const recipe = read.value.value;
    out.recipe = { station: recipe.station, points: recipe.setPoints.map((p) => [p.name, p.value, p.unit.unitId]) };
    const call = async (name, inputArguments) => (await one.call({
      objectId: machine, methodId: `${machine.toString()}.${name}`, inputArguments,
    })).statusCode.name;
    out.speed = await call("SetMachSpeed", [new Variant({ dataType: DataType.Float, value: 90 })]);
    out.fast = await call("SetMachSpeed", [new Variant({ dataType: DataType.Float, value: 1e6 })]);
    out.missing = await call("SetMachSpeed", []);
    recipe.setPoints[0].value += 1;
    out.set = await call("SetRecipe", [new Variant({
      dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Scalar, value: recipe,
    })]);
  } finally {
    await one.close();
    await client.disconnect();
  }
  console.log(JSON.stringify(out));
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
