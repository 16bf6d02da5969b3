// Sends numbered events with the npm package fluent-logger, with acks and a shared key, and ends when all are acknowledged.
// Arguments: the folder of its node_modules, how many, the text, in which {} is the number, the port, and the key.
const path = require("path");
const [modules, events, text, port, sharedKey] = process.argv.slice(2);
const logger = require(path.join(modules, "fluent-logger"));

const sender = logger.createFluentSender("shop", {
  host: "127.0.0.1",
  port: Number(port),
  timeout: 30,
  eventMode: "PackedForward",
  flushInterval: 100,
  requireAckResponse: true,
  ackResponseTimeout: 30000,
  security: { clientHostname: "client", sharedKey },
});
sender.on("error", (error) => {
  console.error(error);
  process.exit(1);
});

let open = Number(events);
for (let number = 0; number < Number(events); number++) {
  sender.emit("orders", { message: text.replace("{}", number), level: "warn", host: "host1" }, (error) => {
    if (error) {
      console.error(error);
      process.exit(1);
    }
    if (--open === 0) {
      sender.end();
    }
  });
}
