// mqtt.js as an exercise's own program: order one piece of each type, wait until all are completed.
// usage: node fischertechnik.cjs URL PASSWORD; prints one JSON object.
const { connect } = require("mqtt");

const [, , url, password] = process.argv;
const client = connect(url, { username: "trainee", password, reconnectPeriod: 0 });
const wanted = ["WHITE", "RED", "BLUE"];
const ids = {};
const work = [];

client.on("connect", () => {
  client.subscribe(["ccu/order/response", "ccu/order/completed", "module/v1/ff/+/state"], { qos: 2 }, () => {
    for (const type of wanted) {
      const request = { type, timestamp: new Date().toISOString(), orderType: "PRODUCTION" };
      client.publish("ccu/order/request", JSON.stringify(request), { qos: 2 });
    }
  });
});

client.on("message", (topic, payload) => {
  const said = JSON.parse(payload.toString());
  if (topic === "ccu/order/response") ids[said.type] = said.orderId;
  else if (topic === "ccu/order/completed" && said.length === wanted.length) {
    console.log(JSON.stringify({ ids, completed: said.map((o) => [o.orderId, o.state]), work }));
    client.end();
  } else if (said.actionState && said.actionState.state === "FINISHED") {
    work.push([said.type, said.actionState.command]);
  }
});

client.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
