/* Pictures and positions: made small and checked on the phone before they are sent. Both reject
 * with a sentence for the resident. */
"use strict";

function blobOf(dataUrl) {
  const raw = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  return new Blob([Uint8Array.from(raw, one => one.charCodeAt(0))], { type: "image/jpeg" });
}

/* A JPEG of at most 1600 pixels a side, as a data URL: some 300 kB instead of a camera's 5 MB, and
 * without the position that cameras write into the file. */
function shrink(file) {
  return new Promise((resolve, reject) => {
    const url = URL.createObjectURL(file);
    const image = new Image();
    image.onload = () => {
      const scale = Math.min(1, 1600 / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; // a transparent PNG would turn black
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(url);
      resolve(canvas.toDataURL("image/jpeg", 0.82));
    };
    image.onerror = () => {
      URL.revokeObjectURL(url);
      reject("这张图片打不开，请换一张 JPG 或 PNG 图片。");
    };
    image.src = url;
  });
}

/* Where the resident is, as {latitude, longitude, accuracy}; degrees in WGS84, and metres. */
function locate() {
  const COARSE_METRES = 2000; // a fix by network address only names the wrong street
  const instead = "直接写出地点，例如“建设路12号门口”。";
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation || window.isSecureContext === false) {
      reject("当前浏览器不能定位。请" + instead);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      found => {
        const { latitude, longitude, accuracy } = found.coords;
        if (accuracy > COARSE_METRES) {
          reject("定位不够准确，没有发送。请" + instead);
        } else {
          resolve({ latitude, longitude, accuracy: Math.round(accuracy) });
        }
      },
      fault => reject(
        (fault.code === 1
          ? "您没有允许定位，位置没有发送。可以在浏览器设置里允许定位，或者"
          : "暂时定位不到您的位置。请") + instead
      ),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
    );
  });
}
