import react from "@vitejs/plugin-react";
import { defineConfig, type PluginOption } from "vite";

/** `npm run mock` serves the pages on generated data; `npm run dev` forwards the API to a running server. */
async function plugins(): Promise<PluginOption[]> {
  if (process.env.ORIEL_MOCK !== "1") return [react()];
  const { mock } = await import(new URL("./mock/index.mjs", import.meta.url).href);
  return [react(), mock()];
}

const server = process.env.ORIEL_URL ?? "http://127.0.0.1:8080";

const proxied = { "/api": server, "/login": { target: server, bypass: oneTimeLinks } };

export default defineConfig(async () => ({
  plugins: await plugins(),
  build: {
    outDir: "dist",
    // The server sends `default-src 'self'`: an inlined data: URL would be refused.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: Number(process.env.PORT ?? 5173),
    host: "127.0.0.1",
    ...(process.env.ORIEL_MOCK === "1" ? {} : { proxy: proxied }),
  },
}));

/** `/login` is a page of ours unless it carries a one-time token, which the server redeems. */
function oneTimeLinks(req: { url?: string }): string | undefined {
  return req.url?.includes("token=") ? undefined : "/index.html";
}
