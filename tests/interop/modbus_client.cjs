// A client of another stack (jsmodbus): reads, writes, is refused, and sends requests without waiting.
// usage: node modbus_client.cjs PORT; prints one JSON object.
const net = require("net");
const modbus = require("jsmodbus");

const ORDERS = { ABCD: [0, 1, 2, 3], CDAB: [2, 3, 0, 1], BADC: [1, 0, 3, 2], DCBA: [3, 2, 1, 0] };

function turned(bytes, order) {
  return Buffer.from(ORDERS[order].map((at) => bytes[at]));
}

function code(error) {
  return error.response ? error.response.body.code : String(error.err || error);
}

async function work(client, order) {
  const found = {};
  found.inputs = (await client.readDiscreteInputs(0, 2)).response.body.valuesAsArray.slice(0, 2);
  await client.writeSingleCoil(0, true);
  found.coil = (await client.readCoils(0, 1)).response.body.valuesAsArray[0];
  await client.writeSingleRegister(0, 1505);
  found.narrow = (await client.readHoldingRegisters(0, 1)).response.body.valuesAsArray[0];
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(321.5);
  await client.writeMultipleRegisters(4000, turned(bytes, order));
  const wide = (await client.readHoldingRegisters(4000, 2)).response.body.valuesAsBuffer;
  found.wide = turned(wide, order).readFloatBE();
  const count = (await client.readInputRegisters(6002, 2)).response.body.valuesAsBuffer;
  found.count = turned(count, order).readUInt32BE();
  found.refused = [];
  for (const ask of [
    () => client.readHoldingRegisters(500, 1),
    () => client.writeSingleRegister(1, 9),
    () => client.writeSingleRegister(4000, 0),
  ]) {
    found.refused.push(await ask().then(() => 0, code));
  }
  const asked = [];
  for (let n = 0; n < 50; n++) {
    asked.push(n % 2 ? client.readHoldingRegisters(0, 1) : client.readInputRegisters(6002, 2));
  }
  const answers = await Promise.all(asked);
  found.pipelined = answers.map((one) => one.response.body.valuesAsArray.length);
  return found;
}

const [, , port, order] = process.argv;
const socket = new net.Socket();
const client = new modbus.client.TCP(socket, 1, 5000);
socket.on("connect", () =>
  work(client, order)
    .then((found) => console.log(JSON.stringify(found)))
    .catch((error) => { console.error(error); process.exitCode = 1; })
    .finally(() => socket.end()));
socket.on("error", (error) => { console.error(error); process.exitCode = 1; });
socket.connect({ host: "127.0.0.1", port: Number(port) });
