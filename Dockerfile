# Two stages: build with everything, run with what production needs. The image expects DATABASE_URL; see docker-compose.yml.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY web/package.json web/
COPY sdk/package.json sdk/
COPY cli/package.json cli/
RUN npm ci
COPY . .
RUN npm run build && node scripts/prune.mjs

FROM node:24-bookworm-slim
ENV NODE_ENV=production RUNLEDGER_HOST=0.0.0.0 RUNLEDGER_PORT=5000 RUNLEDGER_DATA_DIR=/data
WORKDIR /app
RUN install -d -o node -g node -m 0700 /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/dist ./dist
COPY --from=build /app/web/dist ./web/dist
USER node
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.RUNLEDGER_PORT + '/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
