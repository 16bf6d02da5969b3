// Sends numbered events with the npm package lumberjack-client: the first half before it has connected, which makes one
// compressed window, the others each in a window of its own. The package reads no acknowledgements: this does, and ends when
// all are there. Arguments: the folder of its node_modules, how many, the text, in which {} is the number, and the port.
const path = require("path");
const [modules, events, text, port] = process.argv.slice(2);
const LumberjackClient = require(path.join(modules, "lumberjack-client"));

const client = new LumberjackClient({ host: "127.0.0.1", port: Number(port) });
const half = Number(events) / 2;

function log(number) {
  client.log({
    "@timestamp": new Date(),
    message: text.replace("{}", number),
    log: { level: "warn" },
    host: { name: "host1" },
    order: { id: "o-7" },
  });
}

for (let number = 0; number < half; number++) {
  log(number);
}

let rest = Buffer.alloc(0);
let acks = 0;
client.socket.on("data", (bytes) => {
  rest = Buffer.concat([rest, bytes]);
  for (; rest.length >= 6; rest = rest.subarray(6)) {
    const sequence = rest.readUInt32BE(2);
    if (sequence === 0) {
      continue; // asked for patience
    }
    if (rest.toString("latin1", 0, 2) !== "2A" || sequence !== (acks === 0 ? half : 1)) {
      console.error("not the acknowledgement that is due:", rest.subarray(0, 6));
      process.exit(1);
    }
    if (acks++ === 0) {
      for (let number = half; number < Number(events); number++) {
        log(number);
      }
    }
  }
  if (acks === 1 + half) {
    process.exit(0);
  }
});
