// RTMP only, on the port given.
const NodeMediaServer = require('node-media-server');
new NodeMediaServer({ bind: '127.0.0.1', logLevel: 1, rtmp: { port: Number(process.argv[2]) } }).run();
