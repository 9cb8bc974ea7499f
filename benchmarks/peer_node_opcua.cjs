// A bare server of node-opcua that changes values: `node peer_node_opcua.cjs PORT VALUES PERIOD_MS`.
// It stands beside the two of `opcua_fan_out.py`; NODE_PATH says where `node-opcua-server` is installed.
'use strict'
const { OPCUAServer } = require('node-opcua-server')
const { Variant, DataType } = require('node-opcua-variant')

async function main(port, values, period) {
  const server = new OPCUAServer({
    port,
    host: '127.0.0.1',
    securityPolicies: ['http://opcfoundation.org/UA/SecurityPolicy#None'],
    securityModes: [1],
    serverCapabilities: { maxSessions: 100 },
    maxConnectionsPerEndpoint: 100,
  })
  await server.initialize()
  const namespace = server.engine.addressSpace.registerNamespace('urn:linelab:benchmark')
  const nodes = []
  for (let n = 0; n < values; n += 1) {
    nodes.push(namespace.addVariable({
      organizedBy: server.engine.addressSpace.rootFolder.objects,
      nodeId: `s=bench.value_${n}`,
      browseName: `value_${n}`,
      dataType: 'Float',
      minimumSamplingInterval: 0,
      value: new Variant({ dataType: DataType.Float, value: 0 }),
    }))
  }
  await server.start()
  let round = 0
  setInterval(() => {
    round += 1
    for (const node of nodes) node.setValueFromSource({ dataType: DataType.Float, value: round })
  }, period)
}

main(...process.argv.slice(2).map(Number)).catch((error) => {
  console.error(error)
  process.exit(1)
})
