// A client of another stack (node-opcua) with its own list of alarms: refreshes it, acknowledges, confirms.
// usage: node opcua_alarms.cjs URL TRAINEE_PASSWORD; prints one JSON object.
const { OPCUAClient, UserTokenType, installAlarmMonitoring, uninstallAlarmMonitoring } = require("node-opcua-client");

const [, , url, password] = process.argv;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(condition) {
  for (let turn = 0; turn < 500 && !condition(); turn++) await pause(10);
}

function row(alarm) {
  const at = (...names) => names.reduce((node, name) => node?.[name], alarm.fields)?.value;
  return [at("conditionName"), at("activeState", "id"), at("ackedState", "id")];
}

async function main() {
  const client = OPCUAClient.create({
    endpointMustExist: false, requestedSessionTimeout: 10000, connectionStrategy: { maxRetry: 0, maxDelay: 100 },
  });
  await client.connect(url);
  const session = await client.createSession({ type: UserTokenType.UserName, userName: "trainee", password });
  const alarms = await installAlarmMonitoring(session);
  const list = () => alarms.alarms().map(row);
  await until(() => list().length > 0);
  const before = list();
  const [jam] = alarms.alarms();
  const code = (status) => status.name;
  const ack = code(await session.acknowledgeCondition(jam.conditionId, jam.eventId, "from node"));
  const again = code(await session.acknowledgeCondition(jam.conditionId, jam.eventId, ""));
  await until(() => list()[0][2] === true);
  const confirm = code(await session.confirmCondition(jam.conditionId, jam.eventId, ""));
  const after = list();
  await uninstallAlarmMonitoring(session);
  await session.close();
  await client.disconnect();
  console.log(JSON.stringify({ list: before, ack, again, confirm, after }));
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
