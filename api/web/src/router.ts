// Pages and their addresses. Each page is its own chunk.
import { createRouter, createWebHistory } from "vue-router";

const BenchPage = (): Promise<unknown> => import("./pages/BenchPage.vue");

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/bench" },
    { path: "/login", name: "login", component: () => import("./pages/LoginPage.vue") },
    { path: "/bench", name: "bench", component: BenchPage as never, props: { tagsOnly: false } },
    { path: "/bench/tags", name: "tags", component: BenchPage as never, props: { tagsOnly: true } },
    { path: "/:rest(.*)", redirect: "/bench" },
  ],
});
