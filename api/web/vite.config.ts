import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// During `npm run dev` the API comes from a LineLab (or tests/web/fake_server.py) on this address.
const server = process.env["LINELAB_API"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  plugins: [vue()],
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, ws: true } } },
  build: {
    outDir: process.env["LINELAB_WEB_OUT"] ?? "../static",
    emptyOutDir: true,
    target: "es2020",
    assetsInlineLimit: 0, // data: URLs would need a looser content security policy
    modulePreload: { polyfill: false },
  },
});
