// Pages and their addresses. Each page is its own chunk.
import { createRouter, createWebHistory } from "vue-router";
import { PATHS, VIEWS } from "./views.ts";

const BenchPage = (): Promise<unknown> => import("./pages/BenchPage.vue");

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/bench" },
    { path: "/login", name: "login", component: () => import("./pages/LoginPage.vue") },
    ...VIEWS.map((view) => ({ path: PATHS[view], name: view, component: BenchPage as never, props: { view } })),
    { path: "/:rest(.*)", redirect: "/bench" },
  ],
});
