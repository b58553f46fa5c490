# The image for everyone: `docker build -t kubeapprove .`; `make image` builds the same contents without an engine.
# What is in it, and why, is said by image/contents.py.
FROM debian:bookworm-slim AS build
RUN apt-get -qq update \
    && apt-get -qq install --no-install-recommends -y ca-certificates python3 python3-venv \
    && python3 -m venv /tools
WORKDIR /source
COPY image/build.lock image/build.lock
RUN /tools/bin/pip install -q --no-deps --require-hashes --only-binary=:all: -r image/build.lock
COPY . .
RUN /tools/bin/python -m image.build /rootfs

FROM scratch
COPY --from=build /rootfs /
LABEL org.opencontainers.image.title="kubeapprove" \
      org.opencontainers.image.description="A person's countersignature in front of every change an AI agent makes" \
      org.opencontainers.image.licenses="MIT"
# By number: runAsNonRoot cannot know who a name is.
USER 65532:65532
CMD ["kubeapprove-webhook", "--help"]
